"""What stands before CodeDeploy's provider meets: for each service, an update to what is live, and one to something new."""

from __future__ import annotations

import json
from typing import Any

from permissions.scene import Scene, listening

TYPE = "Custom::EcsDeployment"


def play(scene: Scene) -> None:
    """Each deployment of the template is updated twice: the first answer needs no provider, the second does."""
    given = scene.custom_resources(TYPE)
    assert given, f"{scene.function.title} stands in the template, and nothing asks it"
    with listening() as url:
        for properties in given:
            _play(scene, properties, url)


def _play(scene: Scene, properties: dict[str, Any], url: str) -> None:
    spec = json.loads(properties["revisionAppSpecContent"])
    wanted = spec["Resources"][0]["TargetService"]["Properties"]["TaskDefinition"]
    for live in (wanted, f"{wanted}0"):
        task_set = {
            "status": "PRIMARY",
            "taskDefinition": live,
            "externalId": "d-BEFORE",
            "computedDesiredCount": 1,
            "runningCount": 1,
        }
        scene.aws.answers = {
            "ecs.DescribeServices": {"services": [{"taskSets": [task_set]}], "failures": []},
            "codedeploy.ListDeployments": {"deployments": []},
            "lambda.Invoke": {"StatusCode": 202},
        }
        scene.invoke(
            {
                "RequestType": "Update",
                "ResponseURL": url,
                "StackId": "stack",
                "RequestId": "request",
                "LogicalResourceId": "Deployment",
                "PhysicalResourceId": "d-BEFORE",
                "ResourceType": TYPE,
                "ResourceProperties": properties,
            }
        )
