"""Redis OSS on Amazon ElastiCache."""

from __future__ import annotations

from typing import Final

from aws_cdk import CfnUpdatePolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from spec.backup import Backup
from spec.data import Cache as CacheSettings
from spec.environment import Protection
from understudy.acknowledgement import acknowledge
from understudy.encrypted_log_group import encrypted_log_group
from understudy.removal import removal_policy, snapshot_policy
from understudy.rotating_secret import RotatingSecret
from understudy.secret_rotation import Server
from understudy.secrets import APPLICATION, login

ACCESS: Final = (
    "on ~* &* -@all +@read +@write +@connection +@transaction +@pubsub +@scripting -@admin -@dangerous "
    "+info +cluster|info +cluster|keyslot +cluster|myid +cluster|nodes +cluster|shards +cluster|slots"
)
"""Data, transactions, messages, scripts, and what clients ask to find their way in a cluster. Neither FLUSHALL, KEYS,
CONFIG, nor anything else that Redis calls dangerous or administrative, except INFO, by which clients see whether a node
is ready. (Redis documentation, ACL, command categories)"""

REDIS_PORT: Final = 6379
SNAPSHOT_DAYS_OF_PACKS: Final = 15
"""The NIST and HIPAA packs ask for snapshots that are kept this long."""

NO_ACCESS: Final = "off ~* -@all"


class Cache(Construct):
    """A replication group in cluster mode: private, encrypted at rest and in transit, one user, by password."""

    replication_group: elasticache.CfnReplicationGroup
    replication_group_id: str
    secret: secretsmanager.ISecret
    """JSON: username, password, engine, host, port."""
    logins: list[RotatingSecret]
    """The application's alone: ElastiCache's API makes users, so there is no administrator."""
    server: Server
    host: str
    """The configuration endpoint, at which a client learns of all nodes."""
    port: int

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        prefix: str,
        settings: CacheSettings,
        backup: Backup,
        protection: Protection,
        vpc: ec2.IVpc,
        security_group: ec2.ISecurityGroup,
        data_key: kms.IKey,
        secrets_key: kms.IKey,
        logs_key: kms.IKey,
        log_retention_days: int,
        consumers: tuple[str, ...],
    ) -> None:
        """`consumers`: services that log in."""
        super().__init__(scope, construct_id)
        self._prefix = prefix
        self._user_id = f"{prefix}-app"
        self._removal_policy = removal_policy(protection)
        self.replication_group_id = f"{prefix}-cache"
        self.port = settings.port
        application = login(
            self,
            "Application",
            prefix=prefix,
            store="cache",
            kind="application",
            consumers=consumers,
            encryption_key=secrets_key,
            removal_policy=self._removal_policy,
        )
        self.logins = [application]
        self.secret = application.secret
        subnet_group = elasticache.CfnSubnetGroup(
            self,
            "SubnetGroup",
            description=f"{prefix}: cache",
            subnet_ids=[subnet.subnet_id for subnet in vpc.isolated_subnets],
        )
        parameters = elasticache.CfnParameterGroup(
            self,
            "Parameters",
            description=f"{prefix}: cluster mode",
            cache_parameter_group_family=f"redis{settings.engine_version.split('.')[0]}",
            properties={"cluster-enabled": "yes"},
        )
        self.replication_group = elasticache.CfnReplicationGroup(
            self,
            "Resource",
            replication_group_id=self.replication_group_id,
            replication_group_description=f"{prefix}: cache",
            engine="redis",
            engine_version=settings.engine_version,
            auto_minor_version_upgrade=True,
            cache_node_type=settings.node_type,
            cluster_mode="enabled",
            num_node_groups=settings.shards,
            replicas_per_node_group=settings.replicas_per_shard,
            # Cluster mode demands failover even where there is no replica to fail over to.
            automatic_failover_enabled=True,
            multi_az_enabled=settings.replicas_per_shard > 0,
            port=settings.port,
            cache_subnet_group_name=subnet_group.ref,
            cache_parameter_group_name=parameters.ref,
            security_group_ids=[security_group.security_group_id],
            user_group_ids=[self._users(application).ref],
            at_rest_encryption_enabled=True,
            kms_key_id=data_key.key_arn,
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
            preferred_maintenance_window=settings.maintenance_window,
            snapshot_retention_limit=backup.retention_days,
            snapshot_window=backup.window,
            log_delivery_configurations=[
                self._log(kind, logs_key, log_retention_days) for kind in ("slow-log", "engine-log")
            ],
        )
        # Without this, another number of shards would replace the group and lose what is in it.
        self.replication_group.cfn_options.update_policy = CfnUpdatePolicy(use_online_resharding=True)
        self.replication_group.apply_removal_policy(snapshot_policy(protection))
        acknowledge(self.replication_group, _findings(settings, backup))
        self.host = self.replication_group.attr_configuration_end_point_address
        self.server = Server(engine="redis", host=self.host, port=self.port, user_id=self._user_id)

    def _users(self, login: RotatingSecret) -> elasticache.CfnUserGroup:
        """The application's user; and the user `default`, which every group must have, without any access."""
        application = elasticache.CfnUser(
            self,
            "ApplicationUser",
            engine="redis",
            user_id=self._user_id,
            user_name=APPLICATION,
            access_string=ACCESS,
            passwords=[login.password],
        )
        default = elasticache.CfnUser(
            self,
            "DefaultUser",
            engine="redis",
            user_id=f"{self._prefix}-default",
            user_name="default",
            access_string=NO_ACCESS,
            no_password_required=True,
        )
        return elasticache.CfnUserGroup(
            self,
            "Users",
            engine="redis",
            user_group_id=f"{self._prefix}-users",
            user_ids=[application.ref, default.ref],
        )

    def _log(
        self, kind: str, encryption_key: kms.IKey, retention_days: int
    ) -> elasticache.CfnReplicationGroup.LogDeliveryConfigurationRequestProperty:
        group = encrypted_log_group(
            self,
            kind,
            name=f"/{self._prefix}/cache/{kind}",
            key=encryption_key,
            retention_days=retention_days,
            removal_policy=self._removal_policy,
        )
        return elasticache.CfnReplicationGroup.LogDeliveryConfigurationRequestProperty(
            log_type=kind,
            log_format="json",
            destination_type="cloudwatch-logs",
            destination_details=elasticache.CfnReplicationGroup.DestinationDetailsProperty(
                cloud_watch_logs_details=elasticache.CfnReplicationGroup.CloudWatchLogsDestinationDetailsProperty(
                    log_group=group.ref
                )
            ),
        )


def _findings(settings: CacheSettings, backup: Backup) -> dict[str, str]:
    """What judges say of a cache, and why it stands."""
    reasons = {
        "AwsSolutions-AEC6": "Access is by user and password with an access string (a user group); the token that this "
        "rule looks for would be one password for everybody, and excludes user groups."
    }
    if settings.port == REDIS_PORT:
        reasons["AwsSolutions-AEC5"] = (
            "Another port hides nothing from whoever can reach the cache: isolated subnets and a security group that "
            "names the dependent services decide who can."
        )
    if settings.replicas_per_shard == 0:
        reasons["AwsSolutions-AEC4"] = (
            "The environment's YAML asks for no replica to fail over to; `understudy check` refuses this for production."
        )
    if backup.retention_days < SNAPSHOT_DAYS_OF_PACKS:
        reasons |= dict.fromkeys(
            (
                "HIPAA.Security-ElastiCacheRedisClusterAutomaticBackup",
                "NIST.800.53.R5-ElastiCacheRedisClusterAutomaticBackup",
            ),
            "Snapshots are taken daily and kept as long as this environment's YAML says; production keeps them for 30 "
            "days unless its own says otherwise.",
        )
    return reasons
