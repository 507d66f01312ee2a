"""What is watched about the broker."""

from __future__ import annotations

from spec.monitoring import Alarms
from understudy.alarm import Alarm
from understudy.metric import Metric


def queue_alarms(broker_name: str, limits: Alarms) -> list[Alarm]:
    """Of the broker as a whole: of a cluster's nodes, CloudWatch has the average."""

    def metric(name: str, statistic: str = "Average") -> Metric:
        return Metric("AWS/AmazonMQ", name, {"Broker": broker_name}, statistic)

    return [
        Alarm(
            subject="queue",
            what="messages",
            severity="warning",
            meaning=f"More than {limits.queue_messages} messages wait: they are not consumed as fast as they come.",
            look_first="whether the consuming service runs and scales; then whether it fails on the same message for ever.",
            comparison="above",
            threshold=limits.queue_messages,
            value=metric("MessageReadyCount", "Maximum"),
            periods=limits.minutes,
        ),
        Alarm(
            subject="queue",
            what="cpu",
            severity="critical",
            meaning=f"The broker uses more than {limits.cpu_percent:g} % of its CPU.",
            look_first="connections and channels that are opened for each message.",
            comparison="above",
            threshold=limits.cpu_percent,
            value=metric("SystemCpuUtilization"),
            periods=limits.minutes,
        ),
        Alarm(
            subject="queue",
            what="memory",
            severity="critical",
            meaning=f"The broker uses more than {limits.memory_percent:g} % of the memory at which it blocks publishers.",
            look_first="waiting messages, connections, channels.",
            comparison="above",
            threshold=limits.memory_percent,
            value="100 * used / most",
            metrics={"used": metric("RabbitMQMemUsed"), "most": metric("RabbitMQMemLimit")},
            periods=limits.minutes,
        ),
        Alarm(
            subject="queue",
            what="disk",
            severity="warning",
            meaning=f"What must stay free is more than {limits.disk_percent:g} % of the broker's free disk; at 100 % it "
            "blocks publishers.",
            look_first="waiting messages, which lie on disk.",
            comparison="above",
            threshold=limits.disk_percent,
            value="100 * least / free",
            metrics={"least": metric("RabbitMQDiskFreeLimit"), "free": metric("RabbitMQDiskFree")},
            periods=limits.minutes,
        ),
        Alarm(
            subject="queue",
            what="down",
            severity="critical",
            meaning=f"The broker has not reported for {limits.down_minutes} min.",
            look_first="the broker's state and its maintenance window; services log failing connections.",
            comparison="below",
            threshold=1,
            value=metric("SystemCpuUtilization", "SampleCount"),
            periods=limits.down_minutes,
            missing="breaching",
        ),
    ]
