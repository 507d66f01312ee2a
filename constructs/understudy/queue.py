"""RabbitMQ on Amazon MQ."""

from __future__ import annotations

from typing import Final

from aws_cdk import Fn
from aws_cdk import aws_amazonmq as amazonmq
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from spec.data import Queue as QueueSettings
from spec.environment import Protection
from understudy.removal import removal_policy
from understudy.rotating_secret import RotatingSecret
from understudy.secret_rotation import Server
from understudy.secrets import ADMINISTRATOR, login

KINDS: Final = ("administrator", "application")
AMQPS: Final = 5671
BROKERS: Final = 3


class Queue(Construct):
    """A RabbitMQ broker, or a cluster of three: private, encrypted, AMQP over TLS alone.

    Amazon MQ makes the broker's log groups itself, named after an ID that only exists afterwards, so that a template
    can give them neither key nor retention.
    """

    broker: amazonmq.CfnBroker
    broker_name: str
    secret: secretsmanager.ISecret
    """JSON: username, password, engine, host, port. Services log in by it."""
    administrator_secret: secretsmanager.ISecret
    """Of the broker's first user, which rotation alone reads."""
    logins: list[RotatingSecret]
    """The administrator's, by which the other is made, then the application's."""
    server: Server
    host: str
    port: int

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        prefix: str,
        settings: QueueSettings,
        protection: Protection,
        vpc: ec2.IVpc,
        security_group: ec2.ISecurityGroup,
        data_key: kms.IKey,
        secrets_key: kms.IKey,
        consumers: tuple[str, ...],
    ) -> None:
        """`consumers`: services that log in."""
        super().__init__(scope, construct_id)
        self.broker_name = f"{prefix}-queue"
        self.port = AMQPS
        administrator, application = (
            login(
                self,
                kind.capitalize(),
                prefix=prefix,
                store="queue",
                kind=kind,
                consumers=consumers if kind == "application" else (),
                encryption_key=secrets_key,
                removal_policy=removal_policy(protection),
            )
            for kind in KINDS
        )
        self.logins = [administrator, application]
        self.secret, self.administrator_secret = application.secret, administrator.secret
        cluster = settings.deployment == "cluster"
        self.broker = amazonmq.CfnBroker(
            self,
            "Resource",
            broker_name=self.broker_name,
            engine_type="RABBITMQ",
            engine_version=settings.engine_version,
            # Amazon MQ insists on it for these versions (Amazon MQ Developer Guide, upgrading the engine version).
            auto_minor_version_upgrade=True,
            deployment_mode="CLUSTER_MULTI_AZ" if cluster else "SINGLE_INSTANCE",
            host_instance_type=settings.instance_type,
            publicly_accessible=False,
            subnet_ids=[subnet.subnet_id for subnet in vpc.isolated_subnets[: BROKERS if cluster else 1]],
            security_groups=[security_group.security_group_id],
            encryption_options=amazonmq.CfnBroker.EncryptionOptionsProperty(
                use_aws_owned_key=False, kms_key_id=data_key.key_arn
            ),
            logs=amazonmq.CfnBroker.LogListProperty(general=True),
            maintenance_window_start_time=amazonmq.CfnBroker.MaintenanceWindowProperty(
                day_of_week=settings.maintenance_day, time_of_day=settings.maintenance_time, time_zone="UTC"
            ),
            users=[amazonmq.CfnBroker.UserProperty(username=ADMINISTRATOR, password=administrator.password)],
        )
        # amqps://b-<id>.mq.<region>.amazonaws.com:5671
        url = Fn.select(0, self.broker.attr_amqp_endpoints)
        self.host = Fn.select(0, Fn.split(":", Fn.select(1, Fn.split("//", url))))
        self.server = Server(engine="rabbitmq", host=self.host, port=self.port)
