"""Why an import stopped is kept as a sentence that can be said in any language; what was kept until now is quoted as it is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "alter table catalog_importrun alter column failure type jsonb using to_jsonb(failure)",
            "alter table catalog_importrun alter column failure type text using coalesce(failure #>> '{}', '')",
            state_operations=[
                migrations.AlterField("importrun", "failure", models.JSONField(blank=True, default=str)),
            ],
        ),
    ]
