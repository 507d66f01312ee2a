"""Headers that tell browsers what this site never does."""

from __future__ import annotations

from typing import Final

from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct

TWO_YEARS: Final = 63_072_000
"""Seconds; what browsers' preload list asks for (hstspreload.org)."""

CONTENT_SECURITY: Final = "; ".join(
    (
        "default-src 'self'",
        "base-uri 'self'",
        "font-src 'self' data:",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self' data: blob:",
        "object-src 'none'",
        "script-src 'self' 'unsafe-inline'",
        "style-src 'self' 'unsafe-inline'",
        "upgrade-insecure-requests",
    )
)
"""For pages that bring no policy of their own. Inline scripts and styles are allowed because frameworks render them and
only the application can give each a nonce; one that does sends its own, stricter policy, which wins."""


def security_headers(
    scope: Construct, construct_id: str, *, prefix: str, uncached: bool = False
) -> cloudfront.CfnResponseHeadersPolicy:
    """`<prefix>-security`. HSTS and nosniff always hold; the application may send its own of the others.

    `uncached`: nobody on the way may keep an answer, whatever the application says.
    """
    policy = cloudfront.CfnResponseHeadersPolicy
    no_store = policy.CustomHeaderProperty(header="Cache-Control", value="no-store", override=True)
    return policy(
        scope,
        construct_id,
        response_headers_policy_config=policy.ResponseHeadersPolicyConfigProperty(
            name=f"{prefix}-security",
            comment="Headers that tell browsers what this site never does",
            remove_headers_config=policy.RemoveHeadersConfigProperty(
                items=[policy.RemoveHeaderProperty(header=header) for header in ("Server", "X-Powered-By")]
            ),
            custom_headers_config=policy.CustomHeadersConfigProperty(items=[no_store]) if uncached else None,
            security_headers_config=policy.SecurityHeadersConfigProperty(
                content_security_policy=policy.ContentSecurityPolicyProperty(
                    content_security_policy=CONTENT_SECURITY, override=False
                ),
                content_type_options=policy.ContentTypeOptionsProperty(override=True),
                frame_options=policy.FrameOptionsProperty(frame_option="DENY", override=False),
                referrer_policy=policy.ReferrerPolicyProperty(
                    referrer_policy="strict-origin-when-cross-origin", override=False
                ),
                strict_transport_security=policy.StrictTransportSecurityProperty(
                    access_control_max_age_sec=TWO_YEARS, include_subdomains=True, preload=False, override=True
                ),
            ),
        ),
    )
