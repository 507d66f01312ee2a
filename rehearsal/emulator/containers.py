"""ECS clusters, task definitions and services; ECR repositories."""

from rehearsal.emulator.engines import service_state, services
from rehearsal.emulator.engines.setting import SETTING
from rehearsal.emulator.kind import Kind, Place, Properties, Resource
from rehearsal.emulator.recipe import Call, Part, Recipe, by_type


class ServiceRecipe(Recipe):
    """A service is made when its tasks run, and changed when its deployment has ended well, as in AWS."""

    def create(self, resource: Resource, place: Place) -> None:
        """Make the service and wait until it is steady."""
        super().create(resource, place)
        self._await(resource, place)

    def update(self, resource: Resource, properties: Properties, place: Place) -> None:
        """Change the service and wait for its deployment."""
        super().update(resource, properties, place)
        self._await(resource, place)

    def _await(self, resource: Resource, place: Place) -> None:
        if not SETTING.played:
            return
        cluster = str(resource.properties.get("Cluster") or "default")
        state = service_state.find(
            resource.physical_id, cluster=cluster, account=place.apis.account, region=place.apis.region
        )
        if state:
            services.await_steady(state)


# Docker volumes' labels and the like are maps already; these three are lists in CloudFormation, lists in the API.
KINDS: dict[str, Kind] = {
    **by_type(
        Recipe(
            type="AWS::ECS::Cluster",
            service="ecs",
            create_calls=(Call("create_cluster", {"settings": "p.ClusterSettings"}, fitted=True),),
            id="made.cluster.clusterName",
            name_property="ClusterName",
            update_calls=(
                Call(
                    "update_cluster",
                    {
                        "cluster": "id",
                        "settings": "p.ClusterSettings",
                        "configuration": "p.Configuration",
                        "serviceConnectDefaults": "p.ServiceConnectDefaults",
                    },
                ),
            ),
            delete_calls=(Call("delete_cluster", {"cluster": "id"}),),
            attributes={"Arn": "made.cluster.clusterArn"},
        ),
        Recipe(
            type="AWS::ECS::ClusterCapacityProviderAssociations",
            service="ecs",
            create_calls=(Call("put_cluster_capacity_providers", fitted=True),),
            id="p.Cluster",
            update_calls=(Call("put_cluster_capacity_providers", fitted=True),),
            create_only=("Cluster",),
        ),
        Recipe(
            type="AWS::ECS::TaskDefinition",
            service="ecs",
            # Every change is a new revision; the old one is deregistered after what used it has moved on.
            create_calls=(Call("register_task_definition", fitted=True),),
            id="made.taskDefinition.taskDefinitionArn",
            name_property="Family",
            delete_calls=(Call("deregister_task_definition", {"taskDefinition": "id"}),),
            attributes={"TaskDefinitionArn": "id"},
            unchanged_by=(),
        ),
        ServiceRecipe(
            type="AWS::ECS::Service",
            service="ecs",
            create_calls=(
                Call(
                    "create_service",
                    # As AWS does when nobody says how many.
                    {"desiredCount": "p.DesiredCount || `1`"},
                    fitted=True,
                ),
            ),
            id="made.service.serviceArn",
            name_property="ServiceName",
            create_only=("LaunchType", "Cluster", "SchedulingStrategy", "DeploymentController"),
            update_calls=(Call("update_service", {"cluster": "p.Cluster", "service": "id"}, fitted=True),),
            delete_calls=(Call("delete_service", {"cluster": "p.Cluster", "service": "id", "force": "`true`"}),),
            attributes={"Name": "made.service.serviceName", "ServiceArn": "id"},
        ),
        Recipe(
            type="AWS::ECR::Repository",
            service="ecr",
            create_calls=(Call("create_repository", fitted=True),),
            id="made.repository.repositoryName",
            name_property="RepositoryName",
            lower_case=True,
            parts=(
                Part(
                    "p.LifecyclePolicy.LifecyclePolicyText",
                    Call("put_lifecycle_policy", {"repositoryName": "id", "lifecyclePolicyText": "item"}),
                    undo=Call("delete_lifecycle_policy", {"repositoryName": "id"}),
                ),
                Part(
                    "p.RepositoryPolicyText",
                    Call("set_repository_policy", {"repositoryName": "id", "policyText": "item"}),
                    undo=Call("delete_repository_policy", {"repositoryName": "id"}),
                ),
                Part(
                    "p.ImageTagMutability",
                    Call("put_image_tag_mutability", {"repositoryName": "id", "imageTagMutability": "item"}),
                ),
                Part(
                    "p.ImageScanningConfiguration",
                    Call(
                        "put_image_scanning_configuration",
                        {"repositoryName": "id", "imageScanningConfiguration": "item"},
                    ),
                ),
            ),
            delete_calls=(Call("delete_repository", {"repositoryName": "id", "force": "p.EmptyOnDelete || `true`"}),),
            attributes={"Arn": "made.repository.repositoryArn", "RepositoryUri": "made.repository.repositoryUri"},
        ),
    )
}
