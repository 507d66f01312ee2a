"""The waiting region of an environment, as whoever is on call can ask and tell it: its state machine and its table.

The contract is docs/recovery.md, "The failover"; what the items of the table hold, `lambdas/failover` says.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cli.refusal import RefusedError
from spec import Deployment

Mode = Literal["failover", "switchover"]
Verdict = Literal["approve", "refuse"]
Item = Mapping[str, Any]
Answer = TypeVar("Answer")

QUICK: Final = Config(connect_timeout=3, read_timeout=10, retries={"max_attempts": 2, "mode": "standard"})
"""A region that is lost does not answer, and whoever asks is in a hurry."""


@dataclass(frozen=True, slots=True)
class Execution:
    """One run of the state machine."""

    arn: str
    status: str
    began: datetime
    error: str = ""
    cause: str = ""

    @property
    def name(self) -> str:
        """The last part of its ARN."""
        return self.arn.rsplit(":", 1)[-1]


class StandIn:
    """State machine `<prefix>-<machine>` and table `<prefix>-recovery` in `region`, by the credentials at hand.

    Every method raises RefusedError where the region does not answer, or refuses.
    """

    def __init__(self, deployment: Deployment, region: str, machine: str = "failover") -> None:
        self.region = region
        self._name = f"{deployment.prefix}-{machine}"
        self._prefix = deployment.prefix
        self._wanted_account = deployment.account
        try:
            self._sts = boto3.client("sts", region_name=region, config=QUICK)
            self._states = boto3.client("stepfunctions", region_name=region, config=QUICK)
            self._table = boto3.resource("dynamodb", region_name=region, config=QUICK).Table(f"{self._prefix}-recovery")
        except BotoCoreError as error:
            raise RefusedError(_no_credentials(error)) from None
        self._caller: Mapping[str, Any] | None = None

    def caller(self) -> str:
        """Whose credentials these are: an ARN."""
        return str(self._identity()["Arn"])

    def execution(self, arn: str) -> Execution:
        """What has become of it."""
        answer = self._asked("states:DescribeExecution", lambda: self._states.describe_execution(executionArn=arn))
        return Execution(arn, answer["status"], answer["startDate"], answer.get("error", ""), answer.get("cause", ""))

    def last_word(self, arn: str) -> str:
        """Why the last step of an execution that failed did so; empty if none has said."""
        history = self._asked(
            "states:GetExecutionHistory",
            lambda: self._states.get_execution_history(executionArn=arn, reverseOrder=True, maxResults=50),
        )
        for event in sorted(history["events"], key=lambda event: -int(event["id"])):
            answer = _answer_in(event.get("stateExitedEventDetails", {}).get("output") or "")
            if answer.get("status") == "FAILED":
                return str(answer.get("reason", ""))
        return ""

    def running(self) -> Execution | None:
        """The execution that is at work, if one is."""
        arn = self._machine()
        answer = self._asked(
            f"the state machine {self._name}",
            lambda: self._states.list_executions(stateMachineArn=arn, statusFilter="RUNNING", maxResults=1),
        )
        found = answer["executions"]
        return Execution(found[0]["executionArn"], "RUNNING", found[0]["startDate"]) if found else None

    def start(self, name: str, given: Mapping[str, Any]) -> Execution:
        """Begin an execution called `name`."""
        arn = self._machine()
        answer = self._asked(
            f"the state machine {self._name}",
            lambda: self._states.start_execution(stateMachineArn=arn, name=name, input=json.dumps(given)),
        )
        return Execution(answer["executionArn"], "RUNNING", answer["startDate"])

    def item(self, name: str) -> Item | None:
        """An item of the table; None if there is none."""
        answer = self._asked(
            f"the table {self._prefix}-recovery", lambda: self._table.get_item(Key={"item": name}, ConsistentRead=True)
        )
        return answer.get("Item")

    def open_question(self) -> Item | None:
        """What an execution that is at work waits for a person to say."""
        question, answer = self.item("question"), self.item("answer")
        if question is None or (answer is not None and answer["question"] == question["id"]):
            return None
        return question if self.execution(str(question["execution"])).status == "RUNNING" else None

    def answer(self, question: Item, verdict: Verdict, by: str, at: float) -> None:
        """Answer `question`, which stands; not if somebody else was quicker."""
        given = {
            "item": "answer",
            "question": question["id"],
            "verdict": verdict,
            "by": by,
            "at": int(at),
        }
        try:
            self._table.put_item(
                Item=given,
                ConditionExpression="attribute_not_exists(question) OR question <> :this",
                ExpressionAttributeValues={":this": question["id"]},
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                before = self.item("answer") or {}
                raise RefusedError(f"{before.get('by')} has answered already: {before.get('verdict')}") from None
            raise self._refusal(f"the table {self._prefix}-recovery", error) from None
        except BotoCoreError as error:
            raise RefusedError(f"{self.region} does not answer: {error}") from None

    def _machine(self) -> str:
        return f"arn:aws:states:{self.region}:{self._identity()['Account']}:stateMachine:{self._name}"

    def _identity(self) -> Mapping[str, Any]:
        if self._caller is None:
            try:
                self._caller = self._sts.get_caller_identity()
            except (BotoCoreError, ClientError) as error:
                raise RefusedError(_no_credentials(error)) from None
            account = self._caller["Account"]
            if self._wanted_account and account != self._wanted_account:
                reason = f"the credentials are for account {account}, the environment is in {self._wanted_account}"
                raise RefusedError(reason)
        return self._caller

    def _asked(self, what: str, ask: Callable[[], Answer]) -> Answer:
        try:
            return ask()
        except ClientError as error:
            raise self._refusal(what, error) from None
        except BotoCoreError as error:
            raise RefusedError(f"{self.region} does not answer: {error}") from None

    def _refusal(self, what: str, error: ClientError) -> RefusedError:
        code = error.response["Error"]["Code"]
        if code in {"StateMachineDoesNotExist", "ResourceNotFoundException"}:
            return RefusedError(f"there is no such thing as {what} in {self.region}: deploy the environment first")
        return RefusedError(f"{what} in {self.region} refused: {error}")


def _answer_in(output: str) -> Mapping[str, Any]:
    """What the function of a step answered, in the output of its state; empty for a state that asks none."""
    try:
        found = json.loads(output)["answer"]["Payload"]
    except (ValueError, TypeError, KeyError):
        return {}
    return found if isinstance(found, dict) else {}


def _no_credentials(error: Exception) -> str:
    return f"AWS does not know who you are: {error}. Log in, for example by `aws sso login`"
