"""What a webhook's address may be as it is added, beyond how any may look."""

from urllib.parse import urlsplit

from services.recall.domain.contact import WebhookRules, webhook_url
from services.recall.domain.networks import literal, may_be_called
from shared.errors import Kind, Refusal


class PrivateWebhook(Refusal):
    code = "private_webhook"
    kind = Kind.INVALID
    message = (
        "Webhook không được gọi tới địa chỉ mạng nội bộ hay dành riêng. Hãy nhập tên miền hoặc địa "
        "chỉ công khai; nếu máy chủ ở cùng mạng nội bộ với hệ thống, hãy hỏi đơn vị vận hành."
    )


def new_webhook(text: str, rules: WebhookRules) -> str:
    """`webhook_url`, for one that is added now: what no sending would call is said at once, where
    the address says it by itself. Raises PrivateWebhook too."""
    url = webhook_url(text, rules)
    address = literal(urlsplit(url).hostname or "")
    if address is not None and not may_be_called(address, rules.networks):
        raise PrivateWebhook("address")
    return url
