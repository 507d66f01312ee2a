"""ElastiCache: changes to users, and user groups."""

from typing import Any

from moto.core.responses import ActionResult
from moto.elasticache.responses import ElastiCacheResponse

from rehearsal.emulator.supplied.shelf import given, missing, shelf, supply


def modify_user(self: ElastiCacheResponse) -> ActionResult:
    """Change a user's rights or passwords; a user holds two of them at most."""
    user = self.elasticache_backend.describe_users(self._get_param("UserId"))[0]
    asked = self._get_params()
    passwords = asked.get("Passwords") or asked.get("AuthenticationMode", {}).get("Passwords")
    if passwords:
        user.passwords = passwords
        user.authentication_type = "password"
        user.no_password_required = False
    if self._get_bool_param("NoPasswordRequired"):
        user.passwords, user.authentication_type, user.no_password_required = [], "no-password", True
    if asked.get("AccessString"):
        user.access_string = asked["AccessString"]
    if asked.get("AppendAccessString"):
        user.access_string = f"{user.access_string} {asked['AppendAccessString']}"
    return ActionResult(user)


def delete_user(self: ElastiCacheResponse) -> ActionResult:
    """Drop a user at once; moto would keep the name until somebody asks for it."""
    user = self.elasticache_backend.describe_users(self._get_param("UserId"))[0]
    del self.elasticache_backend.users[user.id]
    user.status = "deleting"
    return ActionResult(user)


def create_user_group(self: ElastiCacheResponse) -> ActionResult:
    """Keep a user group. Each user must be there."""
    name, users = self._get_param("UserGroupId"), self._get_param("UserIds", [])
    for user in users:
        self.elasticache_backend.describe_users(user)
    group = {
        "UserGroupId": name,
        "Engine": self._get_param("Engine"),
        "Status": "active",
        "UserIds": users,
        "ReplicationGroups": [],
        "ARN": f"arn:aws:elasticache:{self.region}:{self.current_account}:usergroup:{name}",
    }
    shelf(self, "user groups")[name] = group
    return ActionResult(group)


def _user_group(response: ElastiCacheResponse) -> dict[str, Any]:
    name = given(response, "UserGroupId")
    groups = shelf(response, "user groups")
    if name not in groups:
        raise missing(response, "UserGroupNotFound", name)
    return groups[name]


def _with_replication_groups(response: ElastiCacheResponse, group: dict[str, Any]) -> dict[str, Any]:
    using = [
        replication_group.replication_group_id
        for replication_group in response.elasticache_backend.replication_groups.values()
        if group["UserGroupId"] in replication_group.user_group_ids
    ]
    return {**group, "ReplicationGroups": using}


def describe_user_groups(self: ElastiCacheResponse) -> ActionResult:
    """Return user groups with the replication groups that use them."""
    groups = [_user_group(self)] if self._get_param("UserGroupId") else shelf(self, "user groups").values()
    return ActionResult({"UserGroups": [_with_replication_groups(self, group) for group in groups]})


def modify_user_group(self: ElastiCacheResponse) -> ActionResult:
    """Add users to a group, or remove them."""
    group = _user_group(self)
    added, removed = self._get_param("UserIdsToAdd", []), self._get_param("UserIdsToRemove", [])
    kept = [user for user in group["UserIds"] if user not in removed]
    group["UserIds"] = kept + [user for user in added if user not in kept]
    return ActionResult(group)


def delete_user_group(self: ElastiCacheResponse) -> ActionResult:
    """Drop a user group."""
    group = _user_group(self)
    del shelf(self, "user groups")[group["UserGroupId"]]
    return ActionResult(group)


def install() -> None:
    """Answer these operations from now on."""
    supply(
        ElastiCacheResponse,
        modify_user=modify_user,
        delete_user=delete_user,
        create_user_group=create_user_group,
        describe_user_groups=describe_user_groups,
        modify_user_group=modify_user_group,
        delete_user_group=delete_user_group,
    )
