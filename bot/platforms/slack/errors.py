"""What Slack's refusals mean for a destination, a workspace or a message (RULES.md R23, R24, R26).

https://docs.slack.dev/reference/methods/chat.postMessage#errors
"""

from __future__ import annotations

from alerts.platform import DestinationGone, MessageGone, MessageRefused, TemporaryFailure
from bot.locales import Translator

TEMPORARY = frozenset(
    {
        "fatal_error",
        "internal_error",
        "ratelimited",
        "rate_limited",
        "message_limit_exceeded",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
    }
)
"""R23: the same call may succeed later."""

DESTINATION = frozenset(
    {
        "as_user_not_supported",
        "cannot_dm_bot",
        "channel_not_found",
        "is_archived",
        "is_inactive",
        "messages_tab_disabled",
        "not_in_channel",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
        "user_disabled",
        "user_not_found",
    }
)
WORKSPACE = frozenset(
    {
        "access_denied",
        "account_inactive",
        "ekm_access_denied",
        "enterprise_is_restricted",
        "invalid_auth",
        "invalid_refresh_token",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "org_login_required",
        "token_expired",
        "token_revoked",
        "two_factor_setup_required",
    }
)
MESSAGE = frozenset(
    {
        "block_mismatch",
        "invalid_arguments",
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_metadata_format",
        "metadata_too_large",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "too_many_attachments",
    }
)
MESSAGE_GONE = frozenset(
    {
        "cant_update_message",
        "edit_window_closed",
        "message_not_found",
        "thread_not_found",
        "update_failed",
    }
)
"""R26: what was posted there cannot be edited any more."""


class SlackRefused(Exception):
    """Slack answered, and the answer is no. `error` is its own word, `detail` what it added."""

    def __init__(self, error: str, detail: str = "") -> None:
        super().__init__(f"{error} ({detail})" if detail else error)
        self.error = error
        self.detail = detail


def failure(refused: SlackRefused, t: Translator) -> Exception:
    """The same as the outbox knows it, in the words of the destination's language."""
    error = refused.error
    if error in DESTINATION:
        return DestinationGone(_destination_reason(error, t))
    if error in WORKSPACE:
        return DestinationGone(_workspace_reason(refused, t), whole_workspace=True)
    if error in MESSAGE_GONE:
        return MessageGone(str(refused))
    if error in MESSAGE:
        return MessageRefused(str(refused))
    # A word that is not known here: kept and tried again, and the operator reads it in the end.
    return TemporaryFailure(f"Slack says {refused}", never_arrived=True)


def _destination_reason(error: str, t: Translator) -> str:
    reasons = {
        "channel_not_found": t(
            "Slack does not know this channel: it was deleted, or it is private and "
            "bubblewatch was taken out of it. Invite bubblewatch again, or move the rules."
        ),
        "is_archived": t("The channel is archived. Unarchive it, or move the rules to another."),
        "not_in_channel": t("bubblewatch is not in this channel. Invite it: /invite @bubblewatch"),
        "messages_tab_disabled": t(
            "Messages to bubblewatch are switched off in this workspace; an admin can switch the "
            "app's Messages tab on."
        ),
        "user_not_found": t("This person is not in the workspace any more."),
        "user_disabled": t("This person is not in the workspace any more."),
    }
    return reasons.get(error) or t(
        "This channel does not let bubblewatch write ({error}). An admin can allow it.",
        error=error,
    )


def _workspace_reason(refused: SlackRefused, t: Translator) -> str:
    error = refused.error
    reasons = {
        "account_inactive": t("bubblewatch was removed from this workspace. Install it again."),
        "token_revoked": t("bubblewatch was removed from this workspace. Install it again."),
        "token_expired": t("bubblewatch's permission has run out. Install it again."),
        "org_login_required": t("The workspace has moved into an organization. Install it again."),
        "missing_scope": t(
            "bubblewatch lacks a permission in this workspace ({scope}). Install it again.",
            scope=refused.detail or error,
        ),
    }
    return reasons.get(error) or t(
        "Slack refuses bubblewatch in this workspace ({error}). Install it again.", error=error
    )
