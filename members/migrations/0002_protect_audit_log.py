"""The database itself refuses to change or delete audit rows, whoever asks."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION members_audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit rows are never changed or deleted' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON members_auditentry
    FOR EACH ROW EXECUTE FUNCTION members_audit_is_append_only();
"""
BACKWARD = """
DROP TRIGGER audit_is_append_only ON members_auditentry;
DROP FUNCTION members_audit_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0001_create_members")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
