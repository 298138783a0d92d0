from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.module_loading import autodiscover_modules


class KisuConfig(AppConfig):
    name = "kisu"
    verbose_name = "KiSu"

    def ready(self) -> None:
        # Every registry is filled from one module name in each app.
        autodiscover_modules("metrics", "search", "calendar", "personal_data", "tasks")
        from kisu import checks  # noqa: F401  registers the system checks


class KisuAdminConfig(AdminConfig):
    default_site = "kisu.admin_site.KisuAdminSite"
