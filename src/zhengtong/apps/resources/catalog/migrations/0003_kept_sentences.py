"""Why an import stopped, and what the platform says in a timeline, are kept as sentences that can be said in any language."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_review_warning")]

    operations = [
        migrations.RunSQL(
            "alter table catalog_importrun alter column failure type jsonb using to_jsonb(failure)",
            "alter table catalog_importrun alter column failure type text using coalesce(failure #>> '{}', '')",
            state_operations=[
                migrations.AlterField("importrun", "failure", models.JSONField(blank=True, default=str)),
            ],
        ),
        migrations.RunSQL(
            "alter table catalog_resourceevent alter column reason type jsonb using to_jsonb(reason)",
            "alter table catalog_resourceevent alter column reason type text using coalesce(reason #>> '{}', '')",
            state_operations=[
                migrations.AlterField("resourceevent", "reason", models.JSONField(blank=True, default=str)),
            ],
        ),
    ]
