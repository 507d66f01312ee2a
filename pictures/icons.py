"""Small drawings, each on a square of 18 by 18."""

from __future__ import annotations

from typing import Final

ICONS: Final = {
    "users": "M9 9a3.2 3.2 0 1 0 0-6.4A3.2 3.2 0 0 0 9 9ZM2.8 16c.6-3.4 3-5 6.2-5s5.6 1.6 6.2 5",
    "dns": "M9 2a7 7 0 1 0 0 14A7 7 0 0 0 9 2ZM2 9h14M9 2c-4 4-4 10 0 14M9 2c4 4 4 10 0 14",
    "firewall": "M9 2l6 2v4.5c0 3.5-2.5 6-6 7.5-3.5-1.5-6-4-6-7.5V4ZM6.5 9l2 2 3.5-4",
    "cdn": "M5 14a3.5 3.5 0 0 1 0-7 4.5 4.5 0 0 1 8.5-.5A3.8 3.8 0 0 1 13.5 14Z",
    "bucket": "M3 5c0 3 12 3 12 0M3 5c0-2.5 12-2.5 12 0l-1.8 10c0 1.5-8.4 1.5-8.4 0Z",
    "certificate": "M4 8h10v7H4ZM6 8V6a3 3 0 0 1 6 0v2M9 11v2",
    "gateway": "M2 9h14M12 5l4 4-4 4M6 5L2 9l4 4",
    "balancer": "M9 2v5M9 7L3.5 13M9 7v6M9 7l5.5 6M2 13h3v3H2ZM7.5 13h3v3h-3ZM13 13h3v3h-3Z",
    "service": "M9 2l6.5 3.5v7L9 16l-6.5-3.5v-7ZM2.5 5.5L9 9l6.5-3.5M9 9v7",
    "endpoint": "M3 9h5M10 9a3 3 0 1 0 6 0 3 3 0 0 0-6 0Z",
    "database": "M3 4.5c0 3 12 3 12 0v9c0 3-12 3-12 0ZM3 4.5c0-3 12-3 12 0M3 9c0 3 12 3 12 0",
    "cache": "M10 2L4 10h4l-1 6 7-9H9.5Z",
    "queue": "M2 5h14v8H2ZM6 5v8M10 5v8M14 5v8",
    "files": "M2 5V4h5l1.5 2H16v9H2ZM2 8h14",
    "registry": "M3 3h12v4H3ZM3 11h12v4H3ZM6 5h.01M6 13h.01",
    "key": "M6 12.5a3.5 3.5 0 1 1 2.8-5.6L16 7v3h-2v2h-2v-2H9.2A3.5 3.5 0 0 1 6 12.5ZM5.5 9h.01",
    "secret": "M4 8h10v7H4ZM6 8V6a3 3 0 0 1 6 0v2M7 11.5h.01M9 11.5h.01M11 11.5h.01",
    "watch": "M2 15h14M4 15v-4M8 15V6M12 15V9M15 3l-4 2-3-2-5 4",
    "bell": "M4 13h10l-1.5-2V8a3.5 3.5 0 0 0-7 0v3ZM8 15h2",
}
