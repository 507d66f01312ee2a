"""AWS as a handler meets it in a scenario: every call is written down, and answered from what the scenario prepared.

Most answers come from the scenario and not from moto because the call has to name the template's resources, whose ARNs moto
would choose itself; and because half of what releases ask, moto does not have. Each answer must have the shape that
botocore's model of the operation promises, so that an answer which AWS could not give fails the scenario.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.model import OperationModel
from botocore.session import Session
from botocore.validate import ParamValidator
from permissions.call import Call

Parameters = Mapping[str, Any]
Answer = Mapping[str, Any] | Callable[[Parameters], "Mapping[str, Any] | Refused"]


@dataclass(frozen=True, slots=True)
class Refused:
    """An answer by which AWS refuses: give it from a callable, or as the answer."""

    code: str
    message: str = "refused by the scenario"
    beside: Mapping[str, Any] = field(default_factory=dict)
    """What stands beside the error, such as the item that a conditional write found."""


@dataclass
class RecordedAws:
    """What was called, and what is answered: `answers["ecs.DescribeServices"]` is an answer or a function of parameters."""

    answers: dict[str, Answer | Refused] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    deployment_groups: dict[str, str] = field(default_factory=dict)
    """`application/group` of each CodeDeploy deployment that the scenario speaks of."""
    managed_secrets: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Owner and KMS key, each an ARN, of every secret that AWS makes for a resource, such as RDS for a database's password."""
    passed_on: tuple[str, ...] = ("dynamodb", "ssm")
    """Services that moto answers, because there the template itself names what is asked for."""

    @contextmanager
    def watching(self, session: Session) -> Iterator[RecordedAws]:
        """Stand between the clients that `session` makes from now on and the network.

        Raises:
            AssertionError: at the end, a call had no answer: handlers catch errors, and would hide it.
        """
        session.register("before-parameter-build", self._note, unique_id="permissions-note")
        # botocore takes an answer from whoever hears this event; its types say that nobody answers.
        session.register("before-call", self._answer, unique_id="permissions-answer")  # type: ignore[arg-type]
        try:
            yield self
        finally:
            session.unregister("before-parameter-build", unique_id="permissions-note")
            session.unregister("before-call", unique_id="permissions-answer")
        assert not self.unanswered, f"the scenario has no answer for {', '.join(sorted(set(self.unanswered)))}"

    def _note(self, **event: Any) -> None:
        params, model, context = event["params"], event["model"], event["context"]
        region = context["client_region"]
        self.calls.append(Call(model.service_model.signing_name, model.name, region, dict(params)))
        context["understudy"] = dict(params)

    def _answer(self, **event: Any) -> tuple[AWSResponse, dict[str, Any]] | None:
        model, context = event["model"], event["context"]
        if model.service_model.service_name in self.passed_on:
            return None
        name = f"{model.service_model.service_name}.{model.name}"
        answer = self.answers.get(name)
        if answer is None:
            self.unanswered.append(name)
            answer = Refused("NoAnswer", name)
        elif callable(answer):
            answer = answer(context["understudy"])
        status = 400 if isinstance(answer, Refused) else 200
        response = AWSResponse("https://recorded.invalid", status, HTTPHeaders(), None)
        metadata = {"RequestId": "recorded", "HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0}
        if isinstance(answer, Refused):
            refusal = {"Code": answer.code, "Message": answer.message}
            return response, {**answer.beside, "Error": refusal, "ResponseMetadata": metadata}
        self._check(name, model, answer)
        return response, {**answer, "ResponseMetadata": metadata}

    def _check(self, name: str, model: OperationModel, answer: Mapping[str, Any]) -> None:
        if model.output_shape is None:
            return
        report = ParamValidator().validate(answer, model.output_shape)
        unknown = set(answer) - set(model.output_shape.members)
        if report.has_errors() or unknown:
            self.unanswered.append(f"{name} of AWS's shape: {report.generate_report() or sorted(unknown)}")
