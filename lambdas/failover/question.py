"""Asking a person, and the person's answer: the items `question` and `answer` of this site's table."""

from __future__ import annotations

from typing import Final, Literal

from failover import messages, metrics
from failover.run import Run
from failover.table import Item

QUESTION: Final = "question"
"""Attributes `id`, `step`, `text`, `asked_at`, `execution`."""
ANSWER: Final = "answer"
"""Attributes `question` (the id), `verdict`, `by`, `at`."""
Verdict = Literal["approve", "refuse"]
ESCALATION_SECONDS: Final = 600
"""Without an answer, people are called again."""
LOOK_SECONDS: Final = 15
LATER_SECONDS: Final = 60
"""Between two looks for an answer; the latter once people were called again. An execution may have 25,000 events (Step Functions
Developer Guide, quotas), and a look makes nine: four hours of it some 2,400."""


def asked(run: Run, step: str, text: str, *, past_no_return: bool) -> tuple[Verdict, str] | int:
    """What was answered to the record's newest question, and by whom; as long as nobody has, seconds until the next look."""
    number = run.mine.questions
    question = f"{run.mine.id}:{step}:{number}"
    stands = run.own.read(QUESTION)
    if stands is None or stands["id"] != question:
        new: Item = {"id": question, "step": step, "text": text, "asked_at": run.now, "execution": run.event.execution}
        run.own.put(QUESTION, new, instead_of=stands)
        stands = new
    answer = run.own.read(ANSWER)
    if answer is not None and answer["question"] == question:
        verdict: Verdict = "approve" if answer["verdict"] == "approve" else "refuse"
        return verdict, str(answer["by"])
    metrics.put(run.settings.prefix, {metrics.ASKS: 1.0})
    times = int((run.now - float(stands["asked_at"] or 0)) // ESCALATION_SECONDS)
    again = f" (called {times + 1} times)" if times else ""
    message = messages.question(run, step + again, str(stands["text"]), past_no_return=past_no_return)
    messages.send(run, run.mine.id, f"question#{question}#{times}", message)
    return LATER_SECONDS if times else LOOK_SECONDS
