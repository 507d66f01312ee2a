"""ACM certificates."""

from rehearsal.emulator.kind import Kind
from rehearsal.emulator.recipe import Call, Recipe, by_type

KINDS: dict[str, Kind] = {
    **by_type(
        Recipe(
            type="AWS::CertificateManager::Certificate",
            service="acm",
            create_calls=(
                Call(
                    "request_certificate",
                    {
                        # Two certificates for one name are two resources; ACM would hand out the first one again.
                        "IdempotencyToken": "token",
                        "Options": (
                            "p.CertificateTransparencyLoggingPreference &&"
                            " {CertificateTransparencyLoggingPreference:"
                            " p.CertificateTransparencyLoggingPreference}"
                        ),
                    },
                    fitted=True,
                    # Nobody validates here: the zone named in the template is the emulator's own.
                    without=("DomainValidationOptions",),
                ),
            ),
            id="made.CertificateArn",
            delete_calls=(Call("delete_certificate", {"CertificateArn": "id"}),),
            attributes={"CertificateArn": "id"},
            unchanged_by=("Tags", "DomainValidationOptions"),
        ),
    )
}
