"""Users of a cache as ElastiCache's control plane keeps them, for the scenarios of rotation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from permissions.deployed import Deployed
from permissions.recorded_aws import Answer, Refused


class ElastiCacheUsers:
    """The users that the template makes, as ElastiCache keeps them."""

    def __init__(self, deployed: Deployed) -> None:
        self._users = {
            each.properties["UserId"]: {
                "UserId": each.properties["UserId"],
                "UserName": each.properties["UserName"],
                "Status": "active",
                "Authentication": {"Type": "password", "PasswordCount": len(each.properties.get("Passwords", []))},
            }
            for each in deployed.resources("AWS::ElastiCache::User")
        }

    def answers(self) -> dict[str, Answer | Refused]:
        """A user that the template does not have is not found."""
        return {"elasticache.DescribeUsers": self._describe, "elasticache.ModifyUser": self._modify}

    def _describe(self, asked: Mapping[str, Any]) -> Any:
        user = self._users.get(asked["UserId"])
        return {"Users": [user]} if user else Refused("UserNotFound")

    def _modify(self, asked: Mapping[str, Any]) -> Any:
        user = self._users.get(asked["UserId"])
        if user is None:
            return Refused("UserNotFound")
        user["Authentication"]["PasswordCount"] = len(asked["Passwords"])
        return user
