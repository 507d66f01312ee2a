"""How long AWS takes to make the parts of an environment, to replace them, or to let a standby take over.

Minutes, each with the page or the measurement that it is from.
"""

from __future__ import annotations

from typing import Final

from spec.assessment import Term

MULTI_AZ_FAILOVER: Final = Term(
    "database failover", 2.0, "RDS User Guide, Multi-AZ DB instance deployments: typically 60-120 s"
)
DATABASE_RESTORE: Final = Term(
    "database restore",
    30.0,
    "RDS instance creation 5-10 min, then log replay; point-in-time restore to the other zone",
)
CACHE_FAILOVER: Final = Term(
    "cache failover",
    1.0,
    "ElastiCache User Guide, minimizing downtime: promotion of a replica in seconds to a minute",
)
CACHE_CREATION: Final = Term("cache replacement", 13.0, "creation of a replication group, 9-13 min")
BROKER_FAILOVER: Final = Term(
    "broker failover", 1.0, "Amazon MQ Developer Guide, RabbitMQ clusters: clients reconnect to another node"
)
BROKER_CREATION: Final = Term("broker replacement", 30.0, "creation of a broker, 11 min typical, over 30 seen")
DETECTION: Final = Term("detection", 1.0, "two failed health checks of one minute")
TRANSACTION_LOGS: Final = Term(
    "transaction logs", 5.0, "RDS User Guide, point-in-time recovery: logs are uploaded every five minutes"
)
SYNCHRONOUS: Final = Term("synchronous standby", 0.0, "RDS User Guide, Multi-AZ: a commit waits for the standby")
SINGLE_MAINTENANCE: Final = Term(
    "database maintenance",
    30.0,
    "RDS User Guide, maintenance: a single-AZ instance is down for it, once a month at most in its window of an hour",
)
CACHE_MAINTENANCE: Final = Term("cache maintenance", 13.0, "without replicas a node's replacement is an outage")
BROKER_MAINTENANCE: Final = Term(
    "broker maintenance", 15.0, "Amazon MQ Developer Guide, maintenance: a single broker reboots"
)

NETWORK_CREATION: Final = Term("network", 3.0, "creation of NAT gateways 1-2 min, of a load balancer 1.5-3 min")
SNAPSHOT_RESTORE: Final = Term(
    "database from its copy",
    30.0,
    "RDS instance creation 5-10 min; blocks are fetched from S3 as they are read (RDS User Guide, restoring to an instance), "
    "so it stays slow for longer",
    assumed=True,
)
SERVICES_CREATION: Final = Term("services", 5.0, "creation of ECS services behind a load balancer, 4-5 min")
EDGE_CREATION: Final = Term("distribution", 4.0, "change of a CloudFront distribution, 3-4 min")
NOTICED_BY_PEOPLE: Final = Term(
    "noticing",
    15.0,
    "nothing outside the region watches it: users or the AWS Health Dashboard tell",
    assumed=True,
)
COPY_COMPLETION: Final = Term("backup job", 60.0, "an alarm tells when a job is not done an hour after its start")
COPY_TRANSFER: Final = Term("copy to the other region", 60.0, "AWS Backup promises no duration of a copy", assumed=True)
