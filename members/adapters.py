"""How allauth does things in this portal: no open sign-up, mail through the outbox."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.context import request as current_request
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils import timezone, translation

from members.middleware import SIGNED_IN
from members.models import User
from members.services.mail import queue_message


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are opened by invitation only."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Through the outbox, in the account's own language."""
        user = User.objects.filter(email__iexact=email).first()
        language = user.language if user else translation.get_language() or "fi"
        with translation.override(language):
            context = {"email": email, "request": current_request, **context}
            subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", context).split())
            text = render_to_string(f"{template_prefix}_message.txt", context)
            html: str
            try:
                html = render_to_string(f"{template_prefix}_message.html", context)
            except TemplateDoesNotExist:
                html = ""
        queue_message(recipient=email, user=user, language=language, subject=subject, text=text, html=html)

    def login(self, request: HttpRequest, user: User) -> None:
        """Notes when the session was opened: its age is counted from there (members/middleware.py)."""
        super().login(request, user)
        request.session[SIGNED_IN] = timezone.now().timestamp()


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Single sign-on opens no account; it signs in one that exists with the same confirmed address."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False
