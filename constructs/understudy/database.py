"""PostgreSQL on Amazon RDS."""

from __future__ import annotations

from typing import Any, Final, cast

from aws_cdk import CfnResource, Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from spec.backup import Backup
from spec.data import Database as DatabaseSettings
from spec.environment import Protection
from spec.rotation import Rotation
from understudy import database_findings as findings
from understudy.acknowledgement import acknowledge
from understudy.database_generation import Generation, following_instance
from understudy.encrypted_log_group import encrypted_log_group
from understudy.monitoring_role import monitoring_role
from understudy.removal import removal_policy, snapshot_policy
from understudy.rotating_secret import RotatingSecret
from understudy.secret_rotation import Server
from understudy.secrets import login

KINDS: Final = ("administrator", "application")
LOGS: Final = ("postgresql", "upgrade")
MONITORING_SECONDS: Final = 60


class Database(Construct):
    """A PostgreSQL instance with its replicas: private, encrypted, TLS forced.

    Services log in by `secret`; `administrator_secret` is the first user's, which rotation alone reads. Each has host, port
    and database name once it is rotated by a function. The instance's name is fixed, because alarms, recovery and people
    have to know it; what would replace the instance must therefore be done by restoring beside it.

    With two sites it is one of several generations (decision 15): each has its name and its logical ID, so that another one
    never replaces it, and one that leaves the template stays in the account. All but the first begin as a replica of the
    other region's, and are promoted outside CloudFormation; see `database_generation.py`.
    """

    instance: rds.DatabaseInstance | rds.DatabaseInstanceReadReplica
    replicas: list[rds.DatabaseInstanceReadReplica]
    secret: secretsmanager.ISecret
    """JSON: username, password, engine, host, port, dbname, readerHosts."""
    administrator_secret: secretsmanager.ISecret
    """JSON: username, password, engine, host, port, dbname, dbInstanceIdentifier."""
    logins: list[RotatingSecret]
    """The administrator's, by which the other is made, then the application's."""
    attachment: CfnResource | None = None
    """Writes host and port into the administrator's secret; None for a replica, whose logins are its source's."""
    server: Server
    identifier: str
    replica_identifiers: list[str]
    host: str
    reader_hosts: list[str]
    """Hosts of the replicas; empty without any."""
    port: int
    subnet_group_name: str
    parameter_group_name: str
    name: str
    """Name of the database that is created first."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        prefix: str,
        generation: Generation,
        settings: DatabaseSettings,
        backup: Backup,
        protection: Protection,
        vpc: ec2.IVpc,
        security_group: ec2.ISecurityGroup,
        data_key: kms.IKey,
        secrets_key: kms.IKey,
        logs_key: kms.IKey,
        log_retention_days: int,
        rotation: Rotation,
        consumers: tuple[str, ...],
    ) -> None:
        """`consumers`: services that log in."""
        super().__init__(scope, construct_id)
        self._settings = settings
        self._protection = protection
        self._generation = generation
        self.identifier = generation.identifier
        readers = 0 if generation.follows else settings.read_replicas
        self.replica_identifiers = [f"{self.identifier}-replica-{n}" for n in range(1, readers + 1)]
        self.port = settings.port
        self.name = settings.name
        administrator, application = (
            login(
                self,
                kind.capitalize(),
                prefix=prefix,
                store="database",
                kind=kind,
                consumers=consumers if kind == "application" else (),
                encryption_key=secrets_key,
                removal_policy=removal_policy(protection),
            )
            for kind in KINDS
        )
        self.logins = [administrator, application]
        engine = rds.DatabaseInstanceEngine.postgres(
            version=rds.PostgresEngineVersion.of(settings.engine_version, settings.engine_version.split(".")[0])
        )
        shared = self._shared(engine, vpc, security_group, data_key)
        self.subnet_group_name = shared["subnet_group"].subnet_group_name
        self.parameter_group_name = shared["parameter_group"].bind_to_instance().parameter_group_name
        if generation.first:
            self.instance = self._first(engine, administrator, backup, data_key, shared)
        else:
            self.instance = following_instance(
                self, generation=generation, settings=settings, backup=backup, data_key=data_key, shared=shared
            )
            planned = backup.daily_days is not None
            acknowledge(
                self.instance,
                findings.following(settings, protection, follows=generation.follows, planned=planned),
            )
        self.replicas = [self._replica(number, shared) for number in range(1, readers + 1)]
        for instance, identifier in zip(
            (self.instance, *self.replicas), (self.identifier, *self.replica_identifiers), strict=True
        ):
            self._logs(instance, identifier, logs_key, log_retention_days)
        self.host = self.instance.db_instance_endpoint_address
        self.reader_hosts = [replica.db_instance_endpoint_address for replica in self.replicas]
        self.secret = application.secret
        self._attach(administrator)
        self.server = Server(
            engine="postgresql",
            host=self.host,
            alias=settings.alias or "",
            port=self.port,
            database=self.name,
            readers=self.reader_hosts,
            users=rotation.database_users,
        )

    def _first(
        self,
        engine: rds.IInstanceEngine,
        administrator: RotatingSecret,
        backup: Backup,
        data_key: kms.IKey,
        shared: dict[str, Any],
    ) -> rds.DatabaseInstance:
        """The one that is made empty."""
        settings, protection = self._settings, self._protection
        instance = rds.DatabaseInstance(
            self,
            "Resource",
            instance_identifier=self.identifier,
            engine=engine,
            database_name=settings.name,
            credentials=rds.Credentials.from_secret(administrator.secret),
            storage_encryption_key=data_key,
            allocated_storage=settings.storage_gib,
            max_allocated_storage=settings.max_storage_gib,
            multi_az=settings.multi_az,
            backup_retention=Duration.days(backup.retention_days),
            preferred_backup_window=backup.window,
            delete_automated_backups=protection.on_removal == "destroy",
            removal_policy=self._generation.removal(snapshot_policy(protection)),
            **shared,
        )
        acknowledge(instance, findings.primary(settings, protection, planned=backup.daily_days is not None))
        return instance

    def _attach(self, administrator: RotatingSecret) -> None:
        """The secret once more, as RDS completes it with host, port and name."""
        self.administrator_secret = administrator.secret
        if self._generation.follows:
            return
        if isinstance(self.instance, rds.DatabaseInstance):
            # Never absent where credentials are given.
            self.administrator_secret = cast("secretsmanager.ISecret", self.instance.secret)
        else:
            self.administrator_secret = administrator.secret.attach(self.instance)
        self.attachment = cast("CfnResource", self.administrator_secret.node.default_child)

    def _shared(
        self,
        engine: rds.IInstanceEngine,
        vpc: ec2.IVpc,
        security_group: ec2.ISecurityGroup,
        data_key: kms.IKey,
    ) -> dict[str, Any]:
        """What a replica has like its source, so that it can take its place."""
        settings = self._settings
        return {
            "vpc": vpc,
            "subnet_group": rds.SubnetGroup(
                self,
                "SubnetGroup",
                description="Isolated subnets",
                vpc=vpc,
                vpc_subnets=ec2.SubnetSelection(subnets=vpc.isolated_subnets),
                removal_policy=self._generation.removal(RemovalPolicy.DESTROY),
            ),
            "security_groups": [security_group],
            "instance_type": ec2.InstanceType(settings.instance_class.removeprefix("db.")),
            "storage_type": rds.StorageType.GP3,
            "port": settings.port,
            "parameter_group": self._parameters(engine),
            "iam_authentication": True,
            # A version that is known to be faulty must not wait for somebody to edit YAML. The version of the spec is
            # the one that is created; RDS moves on from there, within the major version and the maintenance window.
            "auto_minor_version_upgrade": True,
            "preferred_maintenance_window": settings.maintenance_window,
            "ca_certificate": rds.CaCertificate.RDS_CA_RSA2048_G1,
            "copy_tags_to_snapshot": True,
            "deletion_protection": self._protection.deletion_protection,
            "publicly_accessible": False,
            "cloudwatch_logs_exports": list(LOGS),
            "monitoring_interval": Duration.seconds(MONITORING_SECONDS),
            "monitoring_role": monitoring_role(self, "MonitoringRole"),
            "database_insights_mode": rds.DatabaseInsightsMode.STANDARD,
            "enable_performance_insights": True,
            "performance_insight_encryption_key": data_key,
            "performance_insight_retention": rds.PerformanceInsightRetention.DEFAULT,
        }

    def _parameters(self, engine: rds.IInstanceEngine) -> rds.ParameterGroup:
        return rds.ParameterGroup(
            self,
            "Parameters",
            engine=engine,
            description="TLS forced; connections and slow statements logged",
            parameters={
                "rds.force_ssl": "1",
                # Clients settle on 1.3, which this PostgreSQL has; poolers and older drivers stop at 1.2.
                "ssl_min_protocol_version": "TLSv1.2",
                "log_min_duration_statement": str(self._settings.slow_query_ms),
                "log_connections": "1",
                "log_disconnections": "1",
            },
            removal_policy=self._generation.removal(RemovalPolicy.DESTROY),
        )

    def _replica(self, number: int, shared: dict[str, Any]) -> rds.DatabaseInstanceReadReplica:
        replica = rds.DatabaseInstanceReadReplica(
            self,
            f"{self._generation.of_others}Replica{number}",
            instance_identifier=self.replica_identifiers[number - 1],
            source_database_instance=self.instance,
            # RDS takes no final snapshot of a replica: CloudFormation's would fail.
            removal_policy=self._generation.removal(RemovalPolicy.DESTROY),
            **shared,
        )
        # The L2 has no prop for it, and a replica whose disk is full stops following.
        resource = cast("rds.CfnDBInstance", replica.node.default_child)
        resource.max_allocated_storage = self._settings.max_storage_gib
        acknowledge(replica, findings.replica(self._protection))
        return replica

    def _logs(self, instance: Construct, identifier: str, key: kms.IKey, retention_days: int) -> None:
        """RDS would create the log groups itself, without key and end: they have to be there first."""
        for name in LOGS:
            group = encrypted_log_group(
                self,
                f"{instance.node.id}-{name}",
                name=f"/aws/rds/instance/{identifier}/{name}",
                key=key,
                retention_days=retention_days,
                removal_policy=self._generation.removal(removal_policy(self._protection)),
            )
            instance.node.add_dependency(group)
