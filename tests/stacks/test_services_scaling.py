"""How the number of tasks follows the load."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from service_template import (
    SCALABLE,
    SERVICE,
    tracked,
)
from synthesis import templates
from template import Template, actions, properties, resources, statements
from variant import varied

Synthesized = Callable[[str, str], dict[str, Template]]
ENVIRONMENTS = ("dev", "staging", "prod", "preview")


def test_C4_cpu_and_memory_are_tracked(production: Template) -> None:
    """With the spec's targets."""
    found = sorted(
        (one["PredefinedMetricSpecification"]["PredefinedMetricType"], one["TargetValue"])
        for one in tracked(production)
        if "PredefinedMetricSpecification" in one
    )
    expected = [("ECSServiceAverageCPUUtilization", target) for target in (60, 60, 70)]
    expected += [("ECSServiceAverageMemoryUtilization", target) for target in (70, 70, 75)]
    assert expected == found


def test_C4_requests_of_both_target_groups_are_tracked(production: Template) -> None:
    """Which of the two is live alternates with each release, and the predefined metric knows one. The busier one's tasks
    count: all requests over all tasks would halve while two versions run, and scaling would take tasks away.
    """
    found = {}
    for policy in tracked(production):
        queries = {one["Id"]: one for one in policy.get("CustomizedMetricSpecification", {}).get("Metrics", [])}
        if "requests" in queries:
            groups = {
                dimension["Value"]["Fn::GetAtt"][0]
                for one in queries.values()
                for dimension in one.get("MetricStat", {}).get("Metric", {}).get("Dimensions", [])
                if dimension["Name"] == "TargetGroup"
            }
            stats = {one["MetricStat"]["Stat"] for one in queries.values() if "MetricStat" in one}
            found[queries["requests"]["Expression"]] = (policy["TargetValue"], len(groups), stats)
    assert {"MAX([requests_1_blue, requests_1_green])": (1200, 2, {"Sum"})} == found


def test_C4_requests_of_one_target_group_are_tracked_by_the_predefined_metric(synthesized: Synthesized) -> None:
    """In development tasks are replaced one by one, and there is no second one."""
    template = synthesized("generator-platform", "dev")["services"]
    found = [one for one in tracked(template) if "ALBRequestCountPerTarget" in json.dumps(one)]
    assert [1200, 1200] == [one["TargetValue"] for one in found]
    labels = [one["PredefinedMetricSpecification"]["ResourceLabel"] for one in found]
    assert all("TargetGroupFullName" in json.dumps(label) for label in labels)
    policies = resources(template, "AWS::ApplicationAutoScaling::ScalingPolicy")
    waiting = [one for one in policies if "ALBRequestCountPerTarget" in json.dumps(one)]
    assert all("Traffic" in json.dumps(one["DependsOn"]) for one in waiting)


def test_C4_calls_by_another_load_balancer_are_requests_too() -> None:
    """Users come by a public one, services by a private one; a task has the sum of both to answer."""

    def change(data: dict[str, Any]) -> None:
        data["edge"] |= {"entry": "load_balancer", "static_paths": []}
        data["services"]["api"]["release"]["engine"] = "ecs"

    template = templates(varied("generator-platform", "prod", change))["services"]
    assert "SUM([MAX([requests_1_blue, requests_1_green]), MAX([requests_2_blue, requests_2_green])])" in json.dumps(
        tracked(template)
    )


def test_D4_codedeploys_fixed_number_is_not_cloudformations() -> None:
    """CloudFormation cannot update a service of CodeDeploy, so scaling brings it to the number that the spec says."""
    template = templates(varied("storefront", "prod", lambda data: data["services"]["web"].update(scaling=None)))[
        "services"
    ]
    (target,) = properties(template, SCALABLE)
    assert (2, 2) == (target["MinCapacity"], target["MaxCapacity"])
    assert "service/storefront-prod/web" == target["ResourceId"]
    assert not tracked(template)


def test_C4_generator_follows_its_queue(production: Template) -> None:
    """Five waiting messages for each running task."""
    (policy,) = [one for one in tracked(production) if "MessageReadyCount" in json.dumps(one)]
    queries = {query["Id"]: query for query in policy["CustomizedMetricSpecification"]["Metrics"]}
    messages = queries["messages"]["MetricStat"]["Metric"]
    assert ("AWS/AmazonMQ", "MessageReadyCount") == (messages["Namespace"], messages["MetricName"])
    assert {"Broker": "generator-platform-prod-queue", "VirtualHost": "/", "Queue": "generate"} == {
        dimension["Name"]: dimension["Value"] for dimension in messages["Dimensions"]
    }
    assert "messages / IF(tasks > 1, tasks, 1)" == queries["depth"]["Expression"]
    assert 5 == policy["TargetValue"]


def test_C4_without_insights_tasks_are_counted_by_samples() -> None:
    """RunningTaskCount does not exist then."""

    def change(data: dict[str, Any]) -> None:
        data["monitoring"]["container_insights"] = "disabled"

    template = templates(varied("generator-platform", "prod", change))["services"]
    (policy,) = [one for one in tracked(template) if "MessageReadyCount" in json.dumps(one)]
    (tasks,) = [q["MetricStat"] for q in policy["CustomizedMetricSpecification"]["Metrics"] if q["Id"] == "tasks"]
    assert ("CPUUtilization", "SampleCount") == (tasks["Metric"]["MetricName"], tasks["Stat"])
    assert not [g for g in properties(template, "AWS::Logs::LogGroup") if "containerinsights" in g["LogGroupName"]]


def test_C4_the_working_day_has_more_tasks(production: Template) -> None:
    """On schedules with a time zone."""
    (scheduled,) = [one["ScheduledActions"] for one in properties(production, SCALABLE) if "ScheduledActions" in one]
    assert [("working-day", 4), ("evening", 2)] == [
        (one["ScheduledActionName"], one["ScalableTargetAction"]["MinCapacity"]) for one in scheduled
    ]
    assert {"America/Los_Angeles"} == {one["Timezone"] for one in scheduled}


def test_C4_a_busy_task_can_protect_itself(production: Template) -> None:
    """Of this cluster's tasks alone, and only for the service that asks for it."""
    (found,) = [s for _, s in statements(production) if "ecs:UpdateTaskProtection" in actions(s)]
    assert "arn:aws:ecs:us-west-2:123456789012:task/generator-platform-prod/*" == found["Resource"]


def test_C4_no_scaling_in_preview(synthesized: Synthesized) -> None:
    """`scaling: null` means a fixed number of tasks."""
    template = synthesized("generator-platform", "preview")["services"]
    assert not resources(template, SCALABLE)
    assert [1, 1, 1] == [service["DesiredCount"] for service in properties(template, SERVICE)]
