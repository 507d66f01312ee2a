"""Every kind of mistake in a file gives its own message: place, reason, remedy."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from spec import SpecError, load

GOOD = """\
name: shop
description: A shop
owner: shop-team
region: us-west-2
variables:
  LOG_FORMAT: json
secrets:
  STRIPE_KEY: {description: Pays, source: supplied}
network:
  cidr: 10.0.0.0/16
services:
  web:
    build: {context: ../web}
    port: 3000
    public: ["/*"]
    vcpu: 2
    memory_gib: 4
    secrets: [STRIPE_KEY]
    scaling: {max_replicas: 6}
    dependencies: [api, cache]
  api:
    build: {context: ../api}
    port: 4000
    vcpu: 1
    memory_gib: 2
    dependencies: [database, queue]
database:
  engine_version: "15.19"
cache:
  engine_version: "7.1"
queue:
  instance_type: mq.m7g.large
edge:
  domain: shop.example.com
  hosted_zone: {id: Z0123456789ABC, name: example.com}
monitoring:
  notify: [oncall@example.com]
environments:
  prod: {}
"""

# what is replaced in the good file, by what, then the line, path and words of the message that must come
MISTAKES = [
    ('    public: ["/*"]', '    public: ["/*"]\n    release: {smoke_tests: [{name: a, path: /a, method: POST, request_body: "' + "x" * 990 + '"}' + "".join(f', {{name: {n}, path: /a, method: POST, request_body: "' + "x" * 990 + '"}' for n in "bcd") + "]}", 16, "services.web.release.smoke_tests", "characters together, and hooks read them from a parameter"),
    ('    public: ["/*"]', '    public: ["/shop/*"]\n    release: {smoke_tests: [{name: a, path: /a}], load: null}', 16, "services.web.release.smoke_tests[0].path", "/a reaches another service: this one has /shop/*"),
    ('    public: ["/*"]', '    public: ["/shop/*"]\n    release: {load: null}', 16, "services.web.release.smoke_tests", "without smoke tests /ready is asked, and no request to it reaches this service"),
    ('    public: ["/*"]', '    public: ["/shop/*"]\n    release: {load: {path: /a}}', 16, "services.web.release.load.path", "/a reaches another service: this one has /shop/*"),
    ("  cidr: 10.0.0.0/16", "  cidr: 10.0.0.0/16\n  nat_gateways: 0", 11, "network.nat_gateways", "the hooks that release web, api reach AWS from the VPC by a NAT gateway"),
    ("    port: 4000", "    port: 4000\n    release: {engine: codedeploy, strategy: rolling}", 24, "services.api.release.strategy", "CodeDeploy knows no rolling update of an ECS service; ECS itself does. Write engine: ecs"),
    ("    port: 4000", "    port: 4000\n    release: {canary_minutes: 1}", 24, "services.api.release.canary_minutes", "the shift 10 % → 100 % takes 60 s, and no alarm could stop it: one needs 120 s (60 s × 1 datapoints + 60 s delay of the numbers). 2 or more"),
    ("    port: 4000", "    port: 4000\n    release: {strategy: linear, linear_percent: 50}", 24, "services.api.release.linear_minutes", "the shift 50 % → 100 % takes 60 s, and no alarm could stop it: one needs 120 s"),
    ("    port: 4000", "    port: 4000\n    release: {engine: ecs, keep_old_minutes: 1}", 24, "services.api.release.keep_old_minutes", "ECS takes the old version away once the bake is over. Use bake_minutes"),
    ("    port: 4000", "    port: 4000\n    release: {after: [shop]}", 24, "services.api.release.after[0]", "there is no service 'shop'. Known here: web"),
    ("    port: 4000", "    port: 4000\n    release: {after: [api]}", 24, "services.api.release.after[0]", "a release cannot wait for itself. Remove it"),
    ("    port: 4000", "    port: 4000\n    release: {smoke_tests: [{name: a, path: /a, request_body: x}]}", 24, "services.api.release.smoke_tests[0].request_body", "GET sends no body. Use POST"),
    ("    port: 4000", "    port: 4000\n    release: {smoke_tests: [{name: a, path: /a}, {name: a, path: /b}]}", 24, "services.api.release.smoke_tests[1].name", "'a' stands twice"),
    ("    port: 4000", "    port: 4000\n    migration: {command: [migrate], timeout_seconds: 30, way_back: {kind: none}}", 24, "services.api.migration.way_back.because", "a migration that cannot go back is refused unless it says why that is acceptable"),
    ("    port: 4000", "    port: 4000\n    migration: {command: [migrate], timeout_seconds: 30, way_back: {kind: command}}", 24, "services.api.migration.way_back.command", "is missing. Write the program that takes the migration back"),
    ("    port: 4000", "    port: 4000\n    migration: {command: [migrate], timeout_seconds: 30, way_back: {kind: compatible}}\n    release: {engine: ecs, strategy: rolling}", 24, "services.api.migration", "a rolling update runs no hooks, so nothing would run the migration"),
    ('    public: ["/*"]', '    public: ["/*", "/api/*"]\n    release: {engine: ecs}', 16, "services.web.release.engine", "ECS shifts one listener rule, and 2 paths are as many rules. Write engine: codedeploy"),
    ("    dependencies: [api, cache]", "    dependencies: [cache]", 21, "services.api.release.strategy", "no listener sends this service any: it has no path, and no other service depends on it. Write release: {engine: ecs, strategy: rolling}"),
    ("owner: shop-team", "owner: shop-team\nfreezes: [{start: 2026-12-24T00:00:00Z, end: 2026-12-23T00:00:00Z, because: Christmas}]", 4, "freezes[0].end", "is not after its start. Write a later moment"),
    ("owner: shop-team", "owner: shop-team\nfreezes: [{start: 2026-13-24T00:00:00Z, end: 2026-12-23T00:00:00Z, because: Christmas}]", 4, "freezes[0]", "is no moment: month must be in 1..12"),
    ("owner: shop-team", "owner: shop-team\nonwer: me", 4, "onwer", "not a key that is known here. Did you mean 'owner'?"),
    ("    port: 3000", '    port: "3000"', 14, "services.web.port", "valid integer. Write a whole number without unit"),
    ("    memory_gib: 4", "    memory_gib: 4 GB", 17, "services.web.memory_gib", "valid number. Write a number without unit"),
    ("    memory_gib: 4", "    memory_gib: 64", 17, "services.web.memory_gib", "no task of 2 vCPU with 64 GiB. The next size: vcpu 16"),
    ("    vcpu: 2", "    vcpu: 3", 16, "services.web.vcpu", "no task of 3 vCPU. One of 0.25, 0.5, 1, 2, 4, 8, 16"),
    ('"15.19"', '"15.4"', 28, "database.engine_version", "PostgreSQL 15.4 cannot be created. One of 15.13"),
    ('"15.19"', "15.19", 28, "database.engine_version", "in quotes"),
    ('"7.1"', '"6.2"', 30, "cache.engine_version", "Redis OSS 6.2 cannot be created. One of 7.0, 7.1"),
    ("  instance_type: mq.m7g.large", '  engine_version: "3.12"', 32, "queue.engine_version", "'3.13' or '4.2'"),
    ("mq.m7g.large", "mq.t3.micro", 32, "queue.instance_type", "RabbitMQ 4.2 does not run on mq.t3.micro. One of mq.m7g.medium"),
    ("    port: 3000", "    port: 3000\n    replicas: 1", 15, "services.web.replicas", "1 is below the 2 that production needs"),
    ("  prod: {}", "  prod: {network: {zones: 1}}", 39, "environments.prod.network.zones", "one zone is not enough"),
    ("  prod: {}", "  prod: {network: {nat_gateways: 1}}", 39, "environments.prod.network.nat_gateways", "through one zone. 2 or more"),
    ("  prod: {}", "  prod: {database: {multi_az: false}}", 39, "environments.prod.database.multi_az", "database stands in one zone"),
    ("  prod: {}", "  prod: {queue: {deployment: single}}", 39, "environments.prod.queue.deployment", "one broker in one zone"),
    ("  prod: {}", "  prod: {protection: {on_removal: destroy}}", 39, "environments.prod.protection.on_removal", "would go with its stack"),
    ("    port: 4000", "    port: 3000", 23, "services.api.port", "3000 is the port of web already"),
    ("    port: 4000", "    port: 443", 23, "services.api.port", "needs root"),
    ("  api:\n", "  web:\n", 21, "services.web", "stands twice; the first time on line 12"),
    ("  api:\n", "  database:\n", 21, "services.database", "is the name of a resource that services depend on"),
    ("  api:\n", "  Api:\n", 21, "services.Api", "'Api' is not a name of lower-case letters"),
    ("name: shop\n", "name: a-shop-with-quite-a-long-name\n", 1, "name", "has 38 characters, AWS takes 32"),
    ("name: shop\n", "name: shop--west\n", 1, "name", "single hyphens"),
    ("name: shop\n", "name: internal-shop\n", 1, "name", "AWS refuses 'internal-shop-prod-alb' as the name of a load balancer"),
    ("10.0.0.0/16", "10.0.0.0/22", 10, "network.cidr", "has 1024 addresses; the subnets of 3 zones take"),
    ("10.0.0.0/16", "10.0.0.0/8", 10, "network.cidr", "not between /16 and /28"),
    ("10.0.0.0/16", "10.0.0.1/16", 10, "network.cidr", "not an IPv4 network"),
    ("  cidr: 10.0.0.0/16", "  reserved_cidrs: [10.0.128.0/17]", 10, "network.reserved_cidrs[0]", "overlaps the environment's own network 10.0.0.0/16"),
    ("  cidr: 10.0.0.0/16", "  subnets: {private: 28}", 10, "network.subnets.private", "/28 has 16 addresses"),
    ("  cidr: 10.0.0.0/16", "  availability_zones: [us-west-2a, us-west-2z]", 10, "network.availability_zones[1]", "not a zone of us-west-2"),
    ("region: us-west-2", "region: mars-1", 4, "region", "'mars-1' is not a region known here"),
    ("  LOG_FORMAT: json", "  DB_PASSWORD: tiger", 6, "variables.DB_PASSWORD", "by its name this is a secret"),
    ("  LOG_FORMAT: json", "  DB: postgres://scott:tiger@db/shop", 6, "variables.DB", "looks like the value of a secret"),
    ("  LOG_FORMAT: json", "  MARK: AKIAIOSFODNN7EXAMPLE", 6, "variables.MARK", "looks like the value of a secret"),
    ("  LOG_FORMAT: json", "  MARK: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c", 6, "variables.MARK", "looks like the value of a secret"),
    ("{description: Pays, source: supplied}", "tiger", 8, "secrets.STRIPE_KEY", "Write a mapping of keys to values"),
    ("    secrets: [STRIPE_KEY]", "    secrets: [STRIPE]", 18, "services.web.secrets[0]", "there is no secret STRIPE"),
    ("[api, cache]", "[apis, cache]", 20, "services.web.dependencies[0]", "there is no service 'apis'. Known here: api, cache"),
    ("[api, cache]", "[api, files]", 20, "services.web.dependencies[1]", "there is no files in this environment. Define `storage.files`"),
    ("  prod: {}", "  prod: {queue: null}", 26, "services.api.dependencies[1]", "there is no queue in this environment"),
    ("[database, queue]", "[database, web]", 20, "services.web.dependencies", "in a circle: web → api → web"),
    ("{max_replicas: 6}", "{max_replicas: 1}", 19, "services.web.scaling.max_replicas", "1 is below the 2 replicas that always run"),
    ("  LOG_FORMAT: json", "  DATABASE_HOST: db", 6, "variables.DATABASE_HOST", "is set by the deployment itself"),
    ("    port: 4000", "    port: 4000\n    variables: {CACHE_URL: x}", 24, "services.api.variables.CACHE_URL", "is set by the deployment itself"),
    ("[api, cache]\n  api:\n", "[cache]\n  api:\n    scaling: {max_replicas: 4, requests_per_minute: 60}\n", 22, "services.api.scaling.requests_per_minute", "nobody sends this service requests"),
    ('    public: ["/*"]\n', "", 11, "services", "no service answers all other requests from outside"),
    ("    build: {context: ../api}", "    image: registry.example.com/api:latest", 22, "services.api.image", "a tag can change under the same template"),
    ("    build: {context: ../api}\n", "", 21, "services.api", "has neither `image` nor `build`"),
    ("domain: shop.example.com", "domain: shop.example.org", 34, "edge.domain", "does not lie in the hosted zone example.com"),
    ("  notify: [oncall@example.com]", "  log_retention_days: 100", 37, "monitoring.log_retention_days", "no retention of 100 days. The next longer is 120"),
    ("  notify: [oncall@example.com]", "  notify: []", 37, "monitoring.notify", "nobody hears production's alarms"),
    ("  prod: {}", "  prod: {encryption: {key_rotation_days: 30}}", 39, "environments.prod.encryption.key_rotation_days", "90 to 2560 days, not every 30"),
    ("  prod: {}", "  prod: {rotation: {days: 31}}", 39, "environments.prod.rotation.days", "production's secrets would be 31 days old; auditors want 30. 30 or fewer"),
    ("  prod: {}", "  prod: {recovery: {strategy: warm_standby, region: us-west-2}}", 39, "environments.prod.recovery.region", "us-west-2 is the environment's own region: it would stand in for itself. For example: us-east-1"),
    ("  prod: {}", "  prod: {recovery: {strategy: warm_standby, witness_region: us-west-2}}", 39, "environments.prod.recovery.witness_region", "us-west-2 is the environment's own region: it would bear witness to itself. A third region, such as us-east-2"),
    ("  prod: {}", "  prod: {recovery: {strategy: warm_standby, witness_region: us-east-1}}", 39, "environments.prod.recovery.witness_region", "us-east-1 is the stand-in: it would bear witness to itself"),
    ("  prod: {}", "  prod: {recovery: {strategy: warm_standby, active: us-east-2}}", 39, "environments.prod.recovery.active", "us-east-2 is neither the environment's own region nor its stand-in. us-west-2 or us-east-1: the one that takes writes now"),
    ("  prod: {}", "  prod: {recovery: {active: us-east-1, generation: 3}}", 39, "environments.prod.recovery.active", "us-east-1 takes the writes, and with `strategy: none` nothing of it would be left. Fail back first"),
    ("  prod: {}", "  prod: {recovery: {strategy: warm_standby, generation: 1}}", 39, "environments.prod.recovery.generation", "Write 2 or more"),
    ("  prod: {}", "  prod: {recovery: {strategy: warm_standby, lease_seconds: 40, heartbeat_seconds: 15}}", 39, "environments.prod.recovery.lease_seconds", "a lease of 40 s has room for 2.7 heartbeats of 15 s: the first that fail would stop the application's writes. 60 or more: 4 heartbeats"),
    ("  prod: {}", "  prod: {recovery: {strategy: warm_standby, lease_seconds: 60, heartbeat_seconds: 15, probe_seconds: 10}}", 39, "environments.prod.recovery.probe_failures", "3 probes every 10 s fail within 30 s, in which 2.0 heartbeats of 15 s are due: too few for their absence to say anything. 6 or more"),
    ("  prod: {}", "  prod: {recovery: {strategy: warm_standby, objects_minutes: 5}}", 39, "environments.prod.recovery.objects_minutes", "15 minutes after the loss of us-west-2 misses the objective of 5: objects 15.0"),
    ("  prod: {}", "  prod: {recovery: {strategy: backup_restore, objects_minutes: 1600}, objectives: {rto_minutes: 90}}", 39, "environments.prod.objectives.rpo_minutes", "copy frequency 1440.0"),
    ("  prod: {}", "  prod: {recovery: {strategy: warm_standby, cidr: 10.9.0.0/22}}", 39, "environments.prod.recovery.cidr", "has 1024 addresses; the subnets of 3 zones take"),
    ("  prod: {}", "  prod: {recovery: {strategy: warm_standby, region: us-east-2}, network: {zones: 4}}", 39, "environments.prod.recovery.region", "us-east-2 has 3 zones, not 4. `network.zones` 3, or another region"),
    ("  hosted_zone: {id: Z0123456789ABC, name: example.com}", "  hosted_zone: {id: Z0123456789ABC, name: example.com}\n  entry: load_balancer\nrecovery: {strategy: warm_standby}", 37, "recovery.strategy", "the CDN is what leads users to the region that is active, and there is none. `edge.entry: cdn`"),
    ("  prod: {}", "  prod: {rotation: {days: 1000}}", 39, "environments.prod.rotation.days", "must be less than or equal to 999. Write 999 or less"),
    ("  prod: {}", "  prod: {rotation: {window_hours: 25}}", 39, "environments.prod.rotation.window_hours", "must be less than or equal to 24. Write 24 or less"),
    ("  prod: {}", "  prod: {rotation: {database_users: triple}}", 39, "environments.prod.rotation.database_users", "Write 'alternating' or 'single'"),
    ("  STRIPE_KEY: {description: Pays, source: supplied}", "  STRIPE_KEY: {description: Pays, source: supplied, unrotated_because: theirs}", 8, "secrets.STRIPE_KEY.unrotated_because", "a supplied secret is never rotated"),
    ("  STRIPE_KEY: {description: Pays, source: supplied}", "  STRIPE_KEY: {description: Pays, source: generated, replace_after_days: 60}", 8, "secrets.STRIPE_KEY.replace_after_days", "a generated secret is replaced by its rotation, not by a person"),
    ("  STRIPE_KEY: {description: Pays, source: supplied}", "  STRIPE_KEY: {description: Pays, source: supplied}\n  KEY: {description: Signs, source: generated}\n  KEY_NEXT: {description: Signs, source: supplied}", 10, "secrets.KEY_NEXT", "KEY_NEXT is set by the deployment itself, beside KEY, which is rotated. Take another name"),
    ("  STRIPE_KEY: {description: Pays, source: supplied}", "  STRIPE_KEY: {description: Pays, source: supplied}\n  " + "K" * 65 + ": {description: Signs, source: generated}", 9, "secrets." + "K" * 65, "the name has 65 characters. Take at most 64"),
    ("  LOG_FORMAT: json\nsecrets:", "  LOG_FORMAT: json\n  KEY_PREVIOUS: a\nsecrets:\n  KEY: {description: Signs, source: generated}", 7, "variables.KEY_PREVIOUS", "is set by the deployment itself, beside KEY"),
    ("  cidr: 10.0.0.0/16", "  nat_gateways: 0\n  cidr: 10.0.0.0/16", 10, "network.nat_gateways", "the functions that rotate the logins of database, cache, queue reach AWS from the VPC by a NAT gateway. 1 or more"),
    ("  prod: {}", '  prod: {backup: {window: "00:00-00:30"}}', 39, "environments.prod.backup.window", "has 30 minutes; AWS asks for 60"),
    ("  prod: {}", '  prod: {backup: {window: "01:00-02:00"}}', 39, "environments.prod.backup.window", "01:00-02:00 and the hour before it meet the daily backup"),
    ("  prod: {}", "  prod: {backup: {longer: [{every: week, keep_days: 119, cold_after_days: 1}]}}", 39, "environments.prod.backup.longer[0].keep_days", "only what is kept for 120 or more is moved. 120 or more"),
    ("  prod: {}", "  prod: {backup: {longer: [{every: week, keep_days: 120, cold_after_days: 31}]}}", 39, "environments.prod.backup.longer[0].keep_days", "120 days are too few for cold storage after 31"),
    ("  prod: {}", "  prod: {backup: {longer: [{every: week, keep_days: 60}, {every: week, keep_days: 90}]}}", 39, "environments.prod.backup.longer[1].every", "there is a rule for every week already"),
    ("  prod: {}", "  prod: {backup: {continuous_days: 36}}", 39, "environments.prod.backup.continuous_days", "must be less than or equal to 35"),
    ("  prod: {}", "  prod: {backup: {start_window_minutes: 59}}", 39, "environments.prod.backup.start_window_minutes", "must be greater than or equal to 60"),
    ("  prod: {}", "  prod: {backup: {start_window_minutes: 90, completion_window_minutes: 149}}", 39, "environments.prod.backup.completion_window_minutes", "149 minutes are not 60 more than the 90 in which a backup may start. 150 or more"),
    ("  prod: {}", "  prod: {backup: {daily_days: 6}}", 39, "environments.prod.backup.daily_days", "6 days are fewer than the 7 that the vault's lock asks for"),
    ("  prod: {}", "  prod: {backup: {longer: [], lock: {max_days: 29}}}", 39, "environments.prod.backup.daily_days", "30 days are more than the 29 that the vault's lock allows"),
    ("  prod: {}", "  prod: {backup: {lock: {mode: compliance}}}", 39, "environments.prod.backup.lock.changeable_for_days", "a lock that nobody can lift needs days in which it still can be. 3 or more"),
    ("  prod: {}", "  prod: {backup: {lock: {mode: compliance, changeable_for_days: 2}}}", 39, "environments.prod.backup.lock.changeable_for_days", "must be greater than or equal to 3"),
    ("  prod: {}", "  prod: {backup: {lock: {changeable_for_days: 3}}}", 39, "environments.prod.backup.lock.changeable_for_days", "the lock is one of compliance"),
    ("  prod: {}", "  prod: {backup: {lock: null}}", 39, "environments.prod.backup.lock", "production's backups can be deleted by one call"),
    ("  prod: {}", "  prod: {backup: {restore_tests: null}}", 39, "environments.prod.backup.restore_tests", "production's backups were never restored"),
    ("  prod: {}", "  prod: {storage: {backups: null}}", 1, "backup.restore_tests", "there is no bucket to keep it in"),
    ("  prod: {}", "  prod: {backup: {daily_days: null}}", 39, "environments.prod.backup.daily_days", "production's data is not backed up outside its own stores"),
    ("  prod: {}", "  prod: {backup: {copies: null}, recovery: {strategy: backup_restore}, objectives: {rto_minutes: null, rpo_minutes: null}}", 39, "environments.prod.backup.copies", "restores from copies, and none are made"),
    ("  prod: {}", "  prod: {backup: {copies: {keep_days: 6}}, recovery: {strategy: backup_restore}, objectives: {rto_minutes: null, rpo_minutes: null}}", 39, "environments.prod.backup.copies.keep_days", "6 days are fewer than the 7"),
    ("  prod: {}", "  prod: {recovery: {strategy: backup_restore, region: us-west-2}, objectives: {rto_minutes: null, rpo_minutes: null}}", 39, "environments.prod.recovery.region", "us-west-2 is the environment's own region"),
    ("  prod: {}", '  prod: {backup: {window: "01:30-02:30"}}', 27, "database.maintenance_window", "overlaps the daily backup"),
    ("  prod: {}", "  prod: {storage: {data: {expire_after_days: 60}}}", 39, "environments.prod.storage.data.expire_after_days", "before they would move after 90"),
    ("  prod: {}", "  prod: {objectives: {rto_minutes: 2}}", 39, "environments.prod.objectives.rto_minutes", "database failover 2.0"),
    ("  prod: {}", "  prodd: {}", 39, "environments.prodd", "is not an environment. Name at least one of dev, staging, prod, preview"),
    ("  prod: {}", "  prod: {}\n  production: {}", 40, "environments.production", "is the same environment as prod"),
    ("environments:\n  prod: {}\n", "", 1, "environments", "defines no environment"),
    ("owner: shop-team\n", "", 1, "owner", "is missing. Write it: Team or person"),
    ("region: us-west-2", "region: [us-west-2", 5, "", "is not YAML"),
]  # fmt: skip


def problems_of(tmp_path: Path, text: str) -> list[str]:
    """What is wrong with a file of this text, as printed."""
    file = tmp_path / "shop.yaml"
    file.write_text(text, encoding="utf-8")
    try:
        load(file).deployments()
    except SpecError as error:
        return [str(problem).removeprefix(f"{tmp_path}/") for problem in error.problems]
    return []


def test_the_good_file_is_good(tmp_path: Path) -> None:
    """The file that the mistakes are put into has none of its own."""
    assert [] == problems_of(tmp_path, GOOD)


@pytest.mark.parametrize(("old", "new", "line", "path", "words"), MISTAKES)
def test_a_mistake_gives_its_own_message(tmp_path: Path, old: str, new: str, line: int, path: str, words: str) -> None:
    """Line, path, and what would be right."""
    assert old in GOOD
    problems = problems_of(tmp_path, GOOD.replace(old, new, 1))
    where = f"shop.yaml:{line}" + (f" {path}: " if path else ": ")
    assert [] != [problem for problem in problems if problem.startswith(where) and words in problem], problems


def test_each_mistake_is_reported_alone(tmp_path: Path) -> None:
    """One mistake is not echoed all over: the most is three, of a service that takes the database's name."""
    counts = {new: len(problems_of(tmp_path, GOOD.replace(old, new, 1))) for old, new, *_ in MISTAKES}
    assert {} == {new: count for new, count in counts.items() if count > 3}


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    """Structural faults do not hide what the rules find."""
    text = GOOD
    for old, new in (
        ("owner: shop-team", "onwer: shop-team"),
        ("    vcpu: 2", "    vcpu: two"),
        ("    port: 4000", "    port: 3000"),
        ('"15.19"', '"15.4"'),
        ("10.0.0.0/16", "10.0.0.0/22"),
    ):
        text = text.replace(old, new, 1)
    paths = {problem.split(" ")[1].rstrip(":") for problem in problems_of(tmp_path, text)}
    expected = {"onwer", "owner", "services.web.vcpu", "services.api.port", "database.engine_version", "network.cidr"}
    assert expected == paths


def test_a_service_cannot_set_what_its_rotated_secret_brings(tmp_path: Path) -> None:
    """All names at once, and only in the services that use the secret; a secret that stays as it is brings none."""
    text = GOOD.replace("source: supplied", "source: generated")
    text = text.replace(
        "secrets: [STRIPE_KEY]", "secrets: [STRIPE_KEY]\n    variables: {STRIPE_KEY_NEXT: a, STRIPE_KEY_PREVIOUS: b}"
    )
    text = text.replace("    port: 4000", "    port: 4000\n    variables: {STRIPE_KEY_NEXT: a}")
    expected = [f"shop.yaml:19 services.web.variables.STRIPE_KEY_{part}:" for part in ("NEXT", "PREVIOUS")]
    assert expected == [" ".join(problem.split(" ")[:2]) for problem in problems_of(tmp_path, text)]
    kept = text.replace("source: generated", "source: generated, unrotated_because: Data is encrypted with it")
    assert [] == problems_of(tmp_path, kept)


def test_A4_no_message_repeats_the_value_of_a_secret(tmp_path: Path) -> None:
    """A secret found in a file is not copied into a terminal or a log."""
    for line in ("DB_PASSWORD: tiger-woods", "DB: postgres://scott:tiger-woods@db/shop", "API_KEY: [tiger-woods]"):
        for problem in problems_of(tmp_path, GOOD.replace("LOG_FORMAT: json", line)):
            assert "tiger-woods" not in problem
    for problem in problems_of(tmp_path, GOOD.replace("{description: Pays, source: supplied}", "tiger-woods")):
        assert "tiger-woods" not in problem


@pytest.mark.parametrize(
    ("content", "words"),
    [("", "is empty"), ("# nothing\n", "is empty"), ("- a\n- b\n", "is not a mapping"), ("\x00", "is not YAML")],
)
def test_a_file_that_is_no_application(tmp_path: Path, content: str, words: str) -> None:
    """Empty, a list, binary."""
    (problem,) = problems_of(tmp_path, content)
    assert words in problem


def test_a_missing_file_names_those_that_are_there(tmp_path: Path) -> None:
    """The message helps with a typing mistake."""
    (tmp_path / "shop.yaml").write_text(GOOD)
    with pytest.raises(SpecError, match=r"there is no such file\. Applications stand in apps/: shop\.yaml"):
        load(tmp_path / "shpo.yaml")


def test_environments_of_one_application_do_not_overlap(tmp_path: Path) -> None:
    """Two networks that may be joined one day."""
    (problem,) = problems_of(tmp_path, GOOD.replace("  prod: {}", "  prod: {}\n  staging: {}"))
    assert "overlaps" in problem
    assert "Give each environment its own network" in problem


def test_R4_a_stand_in_does_not_overlap_another_environment(tmp_path: Path) -> None:
    """Of its own environment it has the same network, unless it gets another."""
    stands_in = (
        "  prod: {recovery: {strategy: warm_standby, cidr: 10.9.0.0/16}}\n  staging: {network: {cidr: 10.9.0.0/16}}"
    )
    (problem,) = problems_of(tmp_path, GOOD.replace("  prod: {}", stands_in))
    assert problem.startswith("shop.yaml:39 environments.prod.recovery.cidr: 10.9.0.0/16 of prod overlaps")


def test_R5_the_firewall_lets_the_stand_ins_probes_through(tmp_path: Path) -> None:
    """A region that is well would look lost if they were blocked."""
    stands_in = "  prod:\n    edge: {firewall: {rate_limit: 149}}\n    recovery: {strategy: warm_standby}"
    (problem,) = problems_of(tmp_path, GOOD.replace("  prod: {}", stands_in))
    assert problem.startswith(
        "shop.yaml:40 environments.prod.edge.firewall.rate_limit: the stand-in sends up to 150 requests"
    )
    assert "At least 150" in problem
    assert [] == problems_of(tmp_path, GOOD.replace("  prod: {}", stands_in.replace("149", "150")))


def test_an_image_file_with_a_bad_digest(tmp_path: Path) -> None:
    """Faults of the image file are located there."""
    (tmp_path / "shop.images.yaml").write_text("prod:\n  web: latest\n")
    (problem,) = problems_of(tmp_path, GOOD)
    assert problem.startswith("shop.images.yaml:2 prod.web.digest: ")


def test_the_table_has_no_mistake_twice() -> None:
    """Each row is a mistake of its own."""
    edits = [(old, new) for old, new, *_ in MISTAKES]
    assert len(edits) == len(set(edits))
    assert YAML(typ="safe").load(GOOD)["name"] == "shop"
