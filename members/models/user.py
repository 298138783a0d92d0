"""The account that signs in. Its e-mail is its name; what it may do comes from role grants (members/permissions.py)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from kisu.lib.dates import business_date
from members.permissions import Permission, Reach, Role, administrable, reach_of

if TYPE_CHECKING:
    from members.models.geography import Region


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> UserQuerySet:
        return self.filter(is_active=True)

    def holding(self, *roles: Role) -> UserQuerySet:
        """Those who hold one of the roles today."""
        today = business_date(timezone.now())
        from members.models.access import RoleGrant

        return self.filter(pk__in=RoleGrant.objects.in_force(on=today).filter(role__in=roles).values("user"))

    def deciding_in(self, region: Region, *, on: date) -> UserQuerySet:
        """Coordinators of the region, and staff where it has none."""
        from members.models.access import RoleGrant

        grants = RoleGrant.objects.in_force(on=on)
        coordinators = self.filter(pk__in=grants.filter(role=Role.COORDINATOR, region=region).values("user"))
        if coordinators.exists():
            return coordinators
        return self.filter(pk__in=grants.filter(role=Role.STAFF).values("user"))

    def visible_to(self, user: User) -> UserQuerySet:
        """An erased account is a number in the audit log, and nobody's to see."""
        return self.filter(erased_at=None) if user.reach(Permission.USER_READ).everything else self.none()


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user: User = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        user: User = self.get(email__iexact=username)
        return user


class User(AbstractBaseUser):
    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_superuser = models.BooleanField(_("technical administrator"), default=False)
    language = models.CharField(
        _("language"), max_length=2, choices=[("fi", "Suomi"), ("sv", "Svenska"), ("en", "English")], default="fi"
    )
    joined_at = models.DateTimeField(_("account made"), default=timezone.now, editable=False)
    erased_at = models.DateTimeField(_("personal data erased"), null=True, blank=True, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_account_per_address"),
            models.CheckConstraint(
                condition=models.Q(erased_at=None) | models.Q(is_active=False), name="an_erased_account_cannot_sign_in"
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def get_absolute_url(self) -> str:
        return reverse("members:user_detail", args=[self.pk])

    def clean(self) -> None:
        self.email = self.email.strip().lower()

    @cached_property
    def grants(self) -> list[Any]:
        """Today's role grants, read once a request: a grant that ends is gone at the next request."""
        if not self.is_active:
            return []
        today = business_date(timezone.now())
        return [grant for grant in self.role_grants.all() if grant.holds_on(today)]

    @cached_property
    def roles(self) -> frozenset[Role]:
        held = {Role(grant.role) for grant in self.grants}
        return frozenset(held | {Role.SUPERUSER} if self.is_superuser and self.is_active else held)

    @cached_property
    def _reaches(self) -> dict[Permission, Reach]:
        """What was asked before: as long as the grants and roles that it follows from, which are kept too."""
        return {}

    def reach(self, permission: Permission) -> Reach:
        """How far the permission goes for this user: everything, regions, organisations, packages, own, or nowhere."""
        known = self._reaches
        if permission not in known:
            known[permission] = reach_of(self, permission)
        return known[permission]

    def may(self, permission: Permission) -> bool:
        return bool(self.reach(permission))

    # What Django's admin asks.

    @property
    def is_staff(self) -> bool:
        return self.may(Permission.ADMIN)

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return administrable(self, perm)

    def has_perms(self, perms: list[str], obj: object = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff
