"""Who may talk to whom, and on which port."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from spec import Deployment
from spec.tables.regions import REGIONS
from understudy.acknowledgement import acknowledge
from understudy.load_balancer import TEST_PORT

HTTPS: Final = 443
HTTP: Final = 80
AMQPS: Final = 5671
NFS: Final = 2049
ANYWHERE: Final = "0.0.0.0/0"

INGRESS_RULES_PER_GROUP: Final = 60
"""Amazon VPC User Guide, quotas, inbound rules per security group."""
CLOUDFRONT_RULES: Final = 55
"""What CloudFront's prefix list counts as (CloudFront Developer Guide, locations and IP ranges of edge servers)."""


class SecurityGroups(Construct):
    """One group for each service and each thing that services talk to, with every rule between them.

    Rules follow the services' `dependencies`, in both directions: a group lets nothing out that the other end does not
    let in. All groups of an environment stand together, so that stacks which use them do not depend on each other.
    """

    services: dict[str, ec2.SecurityGroup]
    load_balancer: ec2.SecurityGroup
    endpoints: ec2.SecurityGroup | None = None
    """None without interface endpoints; likewise those below without what they are for."""
    database: ec2.SecurityGroup | None = None
    cache: ec2.SecurityGroup | None = None
    queue: ec2.SecurityGroup | None = None
    files: ec2.SecurityGroup | None = None
    hooks: ec2.SecurityGroup | None = None
    """Functions that examine a release from inside; None where every service is replaced task by task."""
    recovery: ec2.SecurityGroup | None = None
    """Functions that fence and examine the database of a site; None where nothing stands in, or without a database."""
    drilled: ec2.SecurityGroup | None = None
    """The copy of the database that a drill works on; None where nothing is drilled."""
    drill: ec2.SecurityGroup | None = None
    """Tasks that a drill starts against the copy: of all stores they reach that one."""
    rotation: dict[str, ec2.SecurityGroup]
    """The function that rotates a store's logins, by the store: `database`, `cache`, `queue`."""

    restores: ec2.SecurityGroup | None = None
    """Functions and tasks that look into stores and into what was restored; None where neither database nor files are backed up."""
    restored: ec2.SecurityGroup | None = None
    """Copies that are restored to be tested: those who look reach them, and nobody else; None without restore tests."""

    def __init__(self, scope: Construct, construct_id: str, *, vpc: ec2.IVpc, deployment: Deployment) -> None:
        super().__init__(scope, construct_id)
        self._vpc = vpc
        self._prefix = deployment.prefix
        self._ids: dict[str, str] = {}
        self.load_balancer = self._group("load-balancer", "load balancer")
        self.services = {name: self._group(f"service-{name}", f"tasks of {name}") for name in deployment.services}
        self._entry(deployment)
        for name, service in deployment.services.items():
            self._allow("load-balancer", f"service-{name}", service.port, f"requests for {name}")
            self._internet(name)
        self._examined = [name for name, service in deployment.services.items() if service.release.shifts]
        self._calls(deployment)
        self._stores(deployment)
        if deployment.network.interface_endpoints:
            self.endpoints = self._group("endpoints", "interface endpoints")
            for name in deployment.services:
                self._allow(f"service-{name}", "endpoints", HTTPS, f"AWS services for {name}")
        if self._examined:
            self._hooks(deployment)
        if deployment.recovery.stands_in and deployment.database is not None:
            self.recovery = self._reaching(
                "recovery", "functions of recovery", "database", [deployment.database.port], "who may write"
            )
        self._restores(deployment)
        if deployment.drilled:
            self._drill(deployment)
        self.rotation = {store: self._rotation(store, ports) for store, ports in _rotated(deployment).items()}

    def _group(self, name: str, what: str) -> ec2.SecurityGroup:
        group = ec2.SecurityGroup(
            self, name, vpc=self._vpc, description=f"{self._prefix}: {what}", allow_all_outbound=False
        )
        self._ids[name] = group.security_group_id
        return group

    def _allow(self, source: str, target: str, port: int, what: str, suffix: str = "") -> None:
        """One rule at each end. `suffix`: of a second port between the same two."""
        self._egress(source, target, port, what, suffix)
        ec2.CfnSecurityGroupIngress(
            self,
            f"{target}-from-{source}{suffix}",
            group_id=self._ids[target],
            source_security_group_id=self._ids[source],
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=what,
        )

    def _egress(self, source: str, target: str, port: int, what: str, suffix: str = "") -> None:
        ec2.CfnSecurityGroupEgress(
            self,
            f"{source}-to-{target}{suffix}",
            group_id=self._ids[source],
            destination_security_group_id=self._ids[target],
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=what,
        )

    def _entry(self, deployment: Deployment) -> None:
        """From outside to the load balancer."""
        if deployment.edge.entry == "cdn":
            known = REGIONS[deployment.region].cloudfront_prefix_list_id
            self.load_balancer.add_ingress_rule(
                ec2.Peer.prefix_list(deployment.network.cloudfront_prefix_list_id or known),
                ec2.Port.tcp(HTTPS),
                "CloudFront, by its VPC origin",
            )
            return
        for port, what in ((HTTPS, "users"), (HTTP, "users, to be redirected to 443")):
            self.load_balancer.add_ingress_rule(ec2.Peer.ipv4(ANYWHERE), ec2.Port.tcp(port), what)
        acknowledge(
            self.load_balancer,
            {
                "AwsSolutions-EC23": "It is the public entry of the application, by the spec's own choice "
                "(`edge.entry: load_balancer`): whoever uses the application comes in here.",
                "CKV_AWS_260": "Port 80 answers with a redirect to 443 and with nothing else; without it a typed address "
                "would find nobody.",
            },
        )

    def _internet(self, service: str) -> None:
        """Out to 443, through the NAT gateway.

        Image layers come from S3, whose gateway endpoint answers at public addresses, and services call APIs of third
        parties, whose addresses nobody can list. Which hosts are called is not a security group's to tell.
        """
        self.services[service].add_egress_rule(
            ec2.Peer.ipv4(ANYWHERE), ec2.Port.tcp(HTTPS), "image layers, AWS and third-party APIs"
        )

    def _calls(self, deployment: Deployment) -> None:
        """Services reach each other through the load balancer, which finds the other by host name.

        Beside CloudFront's prefix list, and the hooks' rule, the group has room for few. If more services call others than that, one
        rule admits the VPC; what a service may send is still its own group's matter.
        """
        callers = [
            name
            for name, service in deployment.services.items()
            if any(dependency in deployment.services for dependency in service.dependencies)
        ]
        room = INGRESS_RULES_PER_GROUP - CLOUDFRONT_RULES - bool(self._examined)
        if len(callers) <= room:
            for name in callers:
                self._allow(f"service-{name}", "load-balancer", HTTPS, f"calls of {name} to other services")
            return
        self.load_balancer.add_ingress_rule(
            ec2.Peer.ipv4(self._vpc.vpc_cidr_block), ec2.Port.tcp(HTTPS), "calls of services to other services"
        )
        for name in callers:
            self._egress(f"service-{name}", "load-balancer", HTTPS, f"calls of {name} to other services")

    def _stores(self, deployment: Deployment) -> None:
        if deployment.database is not None:
            self.database = self._store("database", deployment.database.port, deployment)
        if deployment.cache is not None:
            self.cache = self._store("cache", deployment.cache.port, deployment)
        if deployment.queue is not None:
            self.queue = self._store("queue", AMQPS, deployment)
        if deployment.storage.files is not None:
            self.files = self._store("files", NFS, deployment)

    def _store(self, name: str, port: int, deployment: Deployment) -> ec2.SecurityGroup:
        """In from the services that depend on it; out to nowhere."""
        group = self._group(name, name)
        for service in deployment.dependents(name):
            self._allow(f"service-{service}", name, port, f"{name} for {service}")
        return group

    def _hooks(self, deployment: Deployment) -> None:
        """To what the services that they examine depend on, to the test listener, and out to 443."""
        self.hooks = self._group("hooks", "functions that examine releases")
        self.hooks.add_egress_rule(
            ec2.Peer.ipv4(ANYWHERE), ec2.Port.tcp(HTTPS), "AWS APIs, and what services call outside"
        )
        if self.endpoints is not None:
            self._allow("hooks", "endpoints", HTTPS, "AWS services for hooks")
        ports = {
            "database": deployment.database.port if deployment.database else None,
            "cache": deployment.cache.port if deployment.cache else None,
            "queue": AMQPS if deployment.queue else None,
        }
        for store, port in ports.items():
            if port is not None and set(self._examined) & set(deployment.dependents(store)):
                self._allow("hooks", store, port, f"whether {store} can be reached")
        self._allow("hooks", "load-balancer", TEST_PORT, "tests of a new version")
        if deployment.edge.entry == "load_balancer":
            self._tests_from_outside()

    def _rotation(self, store: str, ports: Sequence[int]) -> ec2.SecurityGroup:
        """To that store alone, and out to AWS."""
        who = f"function that rotates the logins of the {store}"
        return self._reaching(f"rotation-{store}", who, store, ports, f"logins of the {store}")

    def _reaching(self, name: str, who: str, store: str, ports: Sequence[int], what: str) -> ec2.SecurityGroup:
        """Functions that talk to a store, and out to AWS."""
        group = self._group(name, who)
        first, *further = ports
        self._allow(name, store, first, what)
        for port in further:
            self._allow(name, store, port, f"management of the {store}", f"-{port}")
        group.add_egress_rule(ec2.Peer.ipv4(ANYWHERE), ec2.Port.tcp(HTTPS), "AWS APIs")
        if self.endpoints is not None:
            self._allow(name, "endpoints", HTTPS, f"AWS services: {who}")
        return group

    def _restores(self, deployment: Deployment) -> None:
        """To the stores and to copies of them, and out to AWS."""
        ports = {
            "database": deployment.database.port if deployment.database else None,
            "files": NFS if deployment.storage.files else None,
        }
        stores = {store: port for store, port in ports.items() if port is not None and store in deployment.backed_up}
        if not stores:
            return
        self.restores = self._group("restores", "functions and tasks that look into what was restored")
        self.restores.add_egress_rule(
            ec2.Peer.ipv4(ANYWHERE), ec2.Port.tcp(HTTPS), "AWS APIs, image layers of the task"
        )
        if self.endpoints is not None:
            self._allow("restores", "endpoints", HTTPS, "AWS services for restores")
        tested = deployment.backup.restore_tests is not None
        if tested:
            self.restored = self._group("restored", "copies that are restored to be tested")
        for store, port in stores.items():
            self._allow("restores", store, port, f"what the {store} holds")
            if tested:
                self._allow("restores", "restored", port, f"what a copy of the {store} holds", f"-{store}")

    def _drill(self, deployment: Deployment) -> None:
        """A copy and its tasks, apart from everything that users or services have; functions of recovery look at both."""
        if deployment.database is None:
            return
        port = deployment.database.port
        self.drilled = self._group("drilled", "copy of the database, in a drill")
        self.drill = self._group("drill", "tasks of a drill")
        self.drill.add_egress_rule(ec2.Peer.ipv4(ANYWHERE), ec2.Port.tcp(HTTPS), "image layers, AWS APIs")
        if self.endpoints is not None:
            self._allow("drill", "endpoints", HTTPS, "AWS services for a drill")
        self._allow("drill", "drilled", port, "tasks of a drill to its copy of the database")
        self._allow("recovery", "drilled", port, "the copy for functions of recovery")
        ports = dict.fromkeys(deployment.services[name].port for name in deployment.dependents("database"))
        for each in ports:
            self._allow("recovery", "drill", each, "smoke tests of a drill", f"-{each}")

    def _tests_from_outside(self) -> None:
        """A public load balancer's name leads to its public addresses, so tests come to it from the NAT gateways'."""
        if self.hooks is None:
            return
        self.hooks.add_egress_rule(
            ec2.Peer.ipv4(ANYWHERE), ec2.Port.tcp(TEST_PORT), "tests of a new version, by the public address"
        )
        for subnet in self._vpc.public_subnets:
            address = subnet.node.try_find_child("EIP")
            if isinstance(address, ec2.CfnEIP):
                self.load_balancer.add_ingress_rule(
                    ec2.Peer.ipv4(f"{address.attr_public_ip}/32"), ec2.Port.tcp(TEST_PORT), "tests of a new version"
                )


def _rotated(deployment: Deployment) -> Mapping[str, Sequence[int]]:
    """Stores with logins, each with the ports by which these are changed and tried; RabbitMQ's users by its management API."""
    found: dict[str, Sequence[int]] = {}
    if deployment.database is not None:
        found["database"] = [deployment.database.port]
    if deployment.cache is not None:
        found["cache"] = [deployment.cache.port]
    if deployment.queue is not None:
        found["queue"] = [AMQPS, HTTPS]
    return found
