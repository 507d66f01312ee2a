"""EventBridge Scheduler: schedules and their groups. What calls their targets is `engines.schedules`."""

from rehearsal.emulator.kind import Kind
from rehearsal.emulator.recipe import Call, Recipe, by_type

NAMED = {"Name": "id", "GroupName": "p.GroupName"}

KINDS: dict[str, Kind] = {
    **by_type(
        Recipe(
            type="AWS::Scheduler::Schedule",
            service="scheduler",
            create_calls=(Call("create_schedule", fitted=True),),
            id="p.Name",
            name_property="Name",
            name_length=64,
            update_calls=(Call("update_schedule", fitted=True),),
            create_only=("Name", "GroupName"),
            delete_calls=(Call("delete_schedule", NAMED),),
            attributes={"Arn": "made.ScheduleArn"},
        ),
        Recipe(
            type="AWS::Scheduler::ScheduleGroup",
            service="scheduler",
            create_calls=(Call("create_schedule_group", fitted=True),),
            id="p.Name",
            name_property="Name",
            name_length=64,
            delete_calls=(Call("delete_schedule_group", {"Name": "id"}),),
            attributes={"Arn": "made.ScheduleGroupArn"},
        ),
    )
}
