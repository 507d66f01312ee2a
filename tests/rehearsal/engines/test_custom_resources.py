"""Custom resources are made by their function, with CloudFormation's events, and fail with its reason."""

from typing import Any

from tests.rehearsal.engines.played import Played

ANSWERS = """
import json, urllib.request, botocore.session
ssm = botocore.session.get_session().create_client("ssm")
def handle(event, context):
    log = {name: value for name, value in event.items() if name != "ResponseURL"}
    ssm.put_parameter(Name="/calls/" + context.function_name, Value=json.dumps(log), Type="String", Overwrite=True)
    wanted = event["ResourceProperties"]
    answer = {"Status": wanted.get("Status", "SUCCESS"), "Reason": "because", "PhysicalResourceId": wanted.get("Id", "one"),
              "StackId": event["StackId"], "RequestId": event["RequestId"],
              "LogicalResourceId": event["LogicalResourceId"], "Data": {"Said": "hello " + wanted.get("Name", "")}}
    if wanted.get("Status") == "NOTHING":
        return
    if event["RequestType"] == "Delete":
        answer["Status"] = "SUCCESS"
    request = urllib.request.Request(event["ResponseURL"], method="PUT", data=json.dumps(answer).encode())
    urllib.request.urlopen(request)
"""


def custom(token: str, **properties: Any) -> dict[str, Any]:
    """Return a custom resource, and a parameter that has its attribute."""
    return {
        "Custom": {"Type": "Custom::Thing", "Properties": {"ServiceToken": token, **properties}},
        "Seen": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Type": "String", "Value": {"Fn::GetAtt": ["Custom", "Said"]}},
        },
    }


def events(played: Played, name: str) -> list[dict[str, Any]]:
    """Return the events that the function had."""
    import json  # here alone

    history = played.client("ssm").get_parameter_history(Name=f"/calls/{name}")["Parameters"]
    return [json.loads(one["Value"]) for one in history]


def test_life_of_a_custom_resource(played: Played, name: str) -> None:
    """Created, updated and deleted by its function, with the properties of before and all values as text."""
    token = played.function(name, ANSWERS, timeout=900)
    assert played.deploy(name, custom(token, Name="a", Count=3, Flag=True)) == "CREATE_COMPLETE", played.reasons(name)
    assert played.deploy(name, custom(token, Name="b")) == "UPDATE_COMPLETE", played.reasons(name)
    resources = {
        one["LogicalResourceId"]: one
        for one in played.client("cloudformation").describe_stack_resources(StackName=name)["StackResources"]
    }
    seen = played.client("ssm").get_parameter(Name=resources["Seen"]["PhysicalResourceId"])["Parameter"]["Value"]
    assert ("hello b", "one") == (seen, resources["Custom"]["PhysicalResourceId"])
    played.client("cloudformation").delete_stack(StackName=name)
    create, update, delete = events(played, name)
    assert ["Create", "Update", "Delete"] == [one["RequestType"] for one in (create, update, delete)]
    assert {"ServiceToken": token, "Name": "a", "Count": "3", "Flag": "true"} == create["ResourceProperties"]
    assert create["ResourceProperties"] == update["OldResourceProperties"]
    assert "one" == update["PhysicalResourceId"] == delete["PhysicalResourceId"]
    assert "PhysicalResourceId" not in create


def test_failure_has_its_reason(played: Played, name: str) -> None:
    """FAILED fails the resource with the function's reason, and the stack goes back: the resource is told so."""
    token = played.function(name, ANSWERS, timeout=900)
    played.deploy(name, custom(token, Name="a"))
    assert played.deploy(name, custom(token, Name="b", Status="FAILED")) == "UPDATE_ROLLBACK_COMPLETE"
    assert any(reason.endswith("Message returned: because") for reason in played.reasons(name)), played.reasons(name)
    back = events(played, name)[-1]
    assert ("Update", "a", "b") == (
        back["RequestType"],
        back["ResourceProperties"]["Name"],
        back["OldResourceProperties"]["Name"],
    )


def test_failed_creation_is_removed(played: Played, name: str) -> None:
    """What a failed creation may have left is removed again."""
    token = played.function(name, ANSWERS, timeout=900)
    assert played.deploy(name, custom(token, Status="FAILED")) == "ROLLBACK_COMPLETE"
    assert ["Create", "Delete"] == [one["RequestType"] for one in events(played, name)]


def test_no_answer(fast: Played, name: str) -> None:
    """A function that never answers fails the resource after an hour."""
    token = fast.function(name, "def handle(event, context):\n    return None", timeout=900)
    assert fast.deploy(name, custom(token)) == "ROLLBACK_COMPLETE"
    assert any("did not receive a response" in reason for reason in fast.reasons(name))
