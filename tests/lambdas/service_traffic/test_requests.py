"""Rules of a service come, change and go with the template, and requests stay where they are."""

from __future__ import annotations

import pytest
from traffic.place import CloudFormation, Ear, Place, path, weights

from service_traffic.handler import handler
from shared import aws


def test_a_new_service_gets_its_rules(cloudformation: CloudFormation, place: Place) -> None:
    """Users reach blue, tests green, and the answer has each rule's ARN by its key."""
    rules = [place.rule("/*", 300), place.rule("/a/*", 200), place.rule("/*", 300, test=True)]
    answer = cloudformation.send("Create", cloudformation.properties(rules))
    assert "SUCCESS" == answer["Status"], answer["Reason"]
    assert "shop-prod-web-traffic" == answer["PhysicalResourceId"]
    users, tests = place.standing(), place.standing(place.tests)
    assert {place.blue: 100, place.green: 0} == weights(users[300]) == weights(users[200])
    assert {place.blue: 0, place.green: 100} == weights(tests[300])
    assert {
        "PublicRootArn": users[300]["RuleArn"],
        "PublicAArn": users[200]["RuleArn"],
        "TestRootArn": tests[300]["RuleArn"],
    } == answer["Data"]


def test_a_rolling_service_has_one_target_group(cloudformation: CloudFormation, place: Place) -> None:
    """Users and tests reach the only one."""
    rules = [place.rule("/*", 300, green=False), place.rule("/*", 300, test=True, green=False)]
    new = cloudformation.properties(rules, Strategy="rolling", Engine="ecs", CodeDeployGroup="")
    assert "SUCCESS" == cloudformation.send("Create", new)["Status"]
    assert {place.blue: 100} == weights(place.standing()[300]) == weights(place.standing(place.tests)[300])


def test_an_answer_is_what_s3_has_signed(cloudformation: CloudFormation, place: Place, ear: Ear) -> None:
    """Without a content type; and the event's identifiers come back."""
    answer = cloudformation.send("Create", cloudformation.properties([place.rule("/*", 300)]))
    assert "" == ear.headers[-1]["Content-Type"]
    assert ("request", place.stack_id, "WebTraffic") == (
        answer["RequestId"],
        answer["StackId"],
        answer["LogicalResourceId"],
    )


@pytest.mark.parametrize(("blue", "green"), [(100, 0), (0, 100), (90, 10), (33, 67)])
def test_an_update_leaves_weights_alone(cloudformation: CloudFormation, place: Place, blue: int, green: int) -> None:
    """Conditions and priorities of the template, weights of the engine; a new rule copies them."""
    old = cloudformation.properties([place.rule("/*", 300), place.rule("/a/*", 200), place.rule("/*", 300, test=True)])
    first = cloudformation.send("Create", old)
    place.shift(blue, green)
    rules = [place.rule("/*", 310), place.rule("/b/*", 200), place.rule("/c/*", 100), place.rule("/*", 300, test=True)]
    new = cloudformation.properties(rules, Fingerprint="1")
    answer = cloudformation.send("Update", new, old)
    assert "SUCCESS" == answer["Status"], answer["Reason"]
    standing = place.standing()
    assert {310: "/*", 200: "/b/*", 100: "/c/*"} == {priority: path(rule) for priority, rule in standing.items()}
    assert all(weights(rule) == {place.blue: blue, place.green: green} for rule in standing.values())
    assert first["Data"]["PublicRootArn"] == answer["Data"]["PublicRootArn"] == standing[310]["RuleArn"]
    assert answer["Data"]["PublicCArn"] == standing[100]["RuleArn"]


def test_a_new_test_rule_leads_where_users_are_not(cloudformation: CloudFormation, place: Place) -> None:
    """After an odd number of releases that is blue."""
    old = cloudformation.properties([place.rule("/*", 300)])
    cloudformation.send("Create", old)
    place.shift(0, 100)
    rules = [place.rule("/*", 300), place.rule("/*", 300, test=True)]
    cloudformation.send("Update", cloudformation.properties(rules), old)
    assert {place.blue: 100, place.green: 0} == weights(place.standing(place.tests)[300])


def test_two_rules_swap_their_priorities(cloudformation: CloudFormation, place: Place) -> None:
    """In one call, each keeping its own requests."""
    old = cloudformation.properties([place.rule("/a/*", 100), place.rule("/b/*", 200)])
    before = cloudformation.send("Create", old)["Data"]
    new = cloudformation.properties([place.rule("/a/*", 200), place.rule("/b/*", 100)])
    answer = cloudformation.send("Update", new, old)
    assert "SUCCESS" == answer["Status"], answer["Reason"]
    assert before == answer["Data"]
    assert {100: "/b/*", 200: "/a/*"} == {priority: path(rule) for priority, rule in place.standing().items()}


def test_a_rule_that_goes_makes_way_before_it_goes(cloudformation: CloudFormation, place: Place) -> None:
    """Its number is wanted for another, which must never be without one."""
    old = cloudformation.properties([place.rule("/a/*", 100), place.rule("/b/*", 200), place.rule("/c/*", 300)])
    before = cloudformation.send("Create", old)["Data"]
    new = cloudformation.properties([place.rule("/b/*", 100), place.rule("/c/*", 200)])
    answer = cloudformation.send("Update", new, old)
    assert "SUCCESS" == answer["Status"], answer["Reason"]
    assert {100: "/b/*", 200: "/c/*"} == {priority: path(rule) for priority, rule in place.standing().items()}
    assert before["PublicBArn"] == answer["Data"]["PublicBArn"]


def test_a_path_moves_to_another_service_without_a_gap(cloudformation: CloudFormation, place: Place) -> None:
    """The rule stays where it is, whichever of the two services comes first, and leads to the new one."""
    other = place.put("/a/*", 100, {place.other: 100})
    new = cloudformation.properties([place.rule("/*", 300), place.rule("/a/*", 100)])
    answer = cloudformation.send("Create", new)
    assert "SUCCESS" == answer["Status"], answer["Reason"]
    assert other == place.standing()[100]["RuleArn"] == answer["Data"]["PublicAArn"]
    assert {place.blue: 100, place.green: 0} == weights(place.standing()[100])


def test_a_path_that_another_service_will_have_is_left_to_it(cloudformation: CloudFormation, place: Place) -> None:
    """The one that gives does not remove what the one that takes has not taken yet."""
    old = cloudformation.properties([place.rule("/*", 300), place.rule("/a/*", 100)])
    cloudformation.send("Create", old)
    others = [{"ListenerArn": place.users, "Priority": "100"}]
    answer = cloudformation.send("Update", cloudformation.properties([place.rule("/*", 300)], Others=others), old)
    assert "SUCCESS" == answer["Status"], answer["Reason"]
    assert {100: "/a/*", 300: "/*"} == {priority: path(rule) for priority, rule in place.standing().items()}


def test_a_priority_that_somebody_else_has_is_named(cloudformation: CloudFormation, place: Place) -> None:
    """Nothing is changed, and the reason says which rule is in the way."""
    other = place.put("/else/*", 100, {place.other: 100})
    answer = cloudformation.send("Create", cloudformation.properties([place.rule("/a/*", 100)]))
    assert "FAILED" == answer["Status"]
    assert other in answer["Reason"]
    assert {100} == set(place.standing())


def test_deleting_takes_the_rules_of_the_service_alone(cloudformation: CloudFormation, place: Place) -> None:
    """A second time is fine, and so is a listener that is gone."""
    place.put("/else/*", 50, {place.other: 100})
    old = cloudformation.properties([place.rule("/*", 300), place.rule("/*", 300, test=True)])
    cloudformation.send("Create", old)
    aws.client("elbv2").delete_listener(ListenerArn=place.tests)
    for _ in range(2):
        answer = cloudformation.send("Delete", old)
        assert "SUCCESS" == answer["Status"], answer["Reason"]
    assert {50} == set(place.standing())


def test_what_cannot_be_read_is_answered(cloudformation: CloudFormation, place: Place) -> None:
    """With what is wrong; and the deletion that CloudFormation sends afterwards succeeds."""
    bad = cloudformation.properties([{**place.rule("/*", 300), "Priority": "first"}])
    answer = cloudformation.send("Create", bad)
    assert "FAILED" == answer["Status"]
    assert "Rules[0].Priority" in answer["Reason"]
    assert "SUCCESS" == cloudformation.send("Delete", bad)["Status"]


def test_aws_s_refusal_is_answered_without_a_traceback(
    cloudformation: CloudFormation, place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    """And the signed address is in no log."""
    rule = {**place.rule("/*", 300), "BlueArn": "arn:aws:elasticloadbalancing:us-west-2:1:targetgroup/none/0"}
    answer = cloudformation.send("Create", cloudformation.properties([rule]))
    assert "FAILED" == answer["Status"]
    assert "Traceback" not in answer["Reason"]
    logged = [vars(record) for record in caplog.records]
    assert logged
    assert "very-secret" not in str(logged)


def test_an_answer_is_tried_again(cloudformation: CloudFormation, place: Place, ear: Ear) -> None:
    """S3 may refuse a connection; nothing in the failure tells the address."""
    event = cloudformation.event("Create", cloudformation.properties([place.rule("/*", 300)]))
    event["ResponseURL"] = "http://127.0.0.1:9/answer?signature=very-secret"
    with pytest.raises(OSError, match="took no answer") as failure:
        handler(event, object())
    assert "very-secret" not in str(failure.value)
    assert [] == ear.answers
