"""Lambda functions, their versions, permissions and layers. What runs them is `engines.function_runner`."""

from rehearsal.emulator.kind import Kind
from rehearsal.emulator.recipe import Call, Part, Recipe, by_type

KINDS: dict[str, Kind] = {
    **by_type(
        Recipe(
            type="AWS::Lambda::Function",
            service="lambda",
            create_calls=(
                Call(
                    "create_function",
                    {"Code": "p.Code.ZipFile && {ZipFile: zipped(p.Code.ZipFile, p.Runtime)} || p.Code"},
                    fitted=True,
                    without=("Code",),
                ),
            ),
            id="made.FunctionName",
            name_property="FunctionName",
            name_length=64,
            create_only=("FunctionName", "PackageType"),
            update_calls=(
                Call(
                    "update_function_code",
                    {
                        "FunctionName": "id",
                        "S3Bucket": "p.Code.S3Bucket",
                        "S3Key": "p.Code.S3Key",
                        "ZipFile": "p.Code.ZipFile && zipped(p.Code.ZipFile, p.Runtime) || null",
                        "ImageUri": "p.Code.ImageUri",
                        "Architectures": "p.Architectures",
                    },
                ),
                Call(
                    "update_function_configuration",
                    {"FunctionName": "id"},
                    fitted=True,
                    without=("Code", "Tags"),
                ),
            ),
            parts=(
                Part(
                    "p.ReservedConcurrentExecutions && {Count: p.ReservedConcurrentExecutions}",
                    do=Call(
                        "put_function_concurrency",
                        {"FunctionName": "id", "ReservedConcurrentExecutions": "item.Count"},
                    ),
                    undo=Call("delete_function_concurrency", {"FunctionName": "id"}),
                ),
            ),
            delete_calls=(Call("delete_function", {"FunctionName": "id"}),),
            attributes={"Arn": "made.FunctionArn"},
            unchanged_by=("Tags", "RecursiveLoop", "RuntimeManagementConfig", "CodeSigningConfigArn"),
        ),
        Recipe(
            type="AWS::Lambda::Permission",
            service="lambda",
            create_calls=(Call("add_permission", {"StatementId": "name"}, fitted=True),),
            id="name",
            delete_calls=(Call("remove_permission", {"FunctionName": "p.FunctionName", "StatementId": "id"}),),
        ),
        Recipe(
            type="AWS::Lambda::LayerVersion",
            service="lambda",
            create_calls=(Call("publish_layer_version", fitted=True),),
            id="made.LayerVersionArn",
            name_property="LayerName",
            attributes={"LayerVersionArn": "id"},
        ),
    )
}
