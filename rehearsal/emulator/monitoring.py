"""CloudWatch alarms and dashboards."""

from rehearsal.emulator.kind import Kind
from rehearsal.emulator.recipe import Call, Recipe, by_type

ALARM_ARN = "join(':', ['arn', partition, 'cloudwatch', region, account, 'alarm', id])"


def _alarm(type_name: str, operation: str) -> Recipe:
    # CloudFormation's Dimensions and Metrics are the API's; a put with the same name is the update.
    return Recipe(
        type=type_name,
        service="cloudwatch",
        create_calls=(Call(operation, fitted=True),),
        id="p.AlarmName",
        name_property="AlarmName",
        update_calls=(Call(operation, fitted=True),),
        delete_calls=(Call("delete_alarms", {"AlarmNames": "[id]"}),),
        attributes={"Arn": ALARM_ARN},
    )


KINDS: dict[str, Kind] = {
    **by_type(
        _alarm("AWS::CloudWatch::Alarm", "put_metric_alarm"),
        _alarm("AWS::CloudWatch::CompositeAlarm", "put_composite_alarm"),
        Recipe(
            type="AWS::CloudWatch::Dashboard",
            service="cloudwatch",
            create_calls=(Call("put_dashboard", fitted=True),),
            id="p.DashboardName",
            name_property="DashboardName",
            update_calls=(Call("put_dashboard", fitted=True),),
            delete_calls=(Call("delete_dashboards", {"DashboardNames": "[id]"}),),
        ),
    )
}
