"""Plain values in DynamoDB's types."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared import items


@given(
    st.dictionaries(
        st.text("abc_", min_size=1, max_size=6),
        st.none()
        | st.booleans()
        | st.integers(-(10**15), 10**15)
        | st.text(max_size=20)
        | st.floats(-1e15, 1e15, allow_subnormal=False).filter(lambda value: value == 0 or abs(value) > 1e-100),
        max_size=4,
    )
)
def test_what_is_written_is_read(values: dict[str, str | int | float | bool | None]) -> None:
    """Texts, numbers, truth and nothing survive the table's types."""
    assert values == items.read(items.written(values))
