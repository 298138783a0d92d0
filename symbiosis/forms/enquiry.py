from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kisu.lib.collation import finnish_order
from kisu.lib.texts import TextField
from members.models import Organisation


class ReplyForm(forms.Form):
    text = TextField(label=_("Your message"), max_length=4000, widget=forms.Textarea(attrs={"rows": 6}))


class EnquiryForm(ReplyForm):
    """The first message. The sender is asked only of those who may write for several organisations."""

    sender = forms.ModelChoiceField(
        label=_("From which organisation"), queryset=Organisation.objects.none(), empty_label=_("Choose")
    )
    field_order = ("sender", "text")

    def __init__(self, *args: Any, senders: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sender"].queryset = senders.order_by(finnish_order("name"), "pk")  # type: ignore[attr-defined]
        self.only = senders.get() if senders.count() == 1 else None
        if self.only is not None:
            self.fields["sender"].required = False
            self.fields["sender"].widget = forms.HiddenInput()
        self.fields["text"].help_text = _(
            "The other side reads it in the portal and gets it by e-mail. Your address is not shown: "
            "share it in the message if you like."
        )

    def clean_sender(self) -> Organisation | None:
        sender: Organisation | None = self.cleaned_data["sender"]
        return sender or self.only
