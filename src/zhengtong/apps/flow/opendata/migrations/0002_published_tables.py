import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

#: what the interface of rows reads: tables of versions, and whether their dataset is open now
FORWARD = """
create schema opened;
create view opened.published as
select d.id as dataset, v.number as version, t.relation, t.document::text as document, v.rows, v.facts ->> 'title' as title,
    (t.version_id = d.current_id) as newest, (d.state = 'open') as open
from opendata_publishedtable t
join opendata_datasetversion v on v.id = t.version_id
join opendata_dataset d on d.id = v.dataset_id
where d.published_at is not null
"""
BACKWARD = "drop schema opened cascade"


class Migration(migrations.Migration):

    dependencies = [
        ('opendata', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='dataset',
            name='indexed',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, size=None),
        ),
        migrations.CreateModel(
            name='PublishedTable',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('relation', models.CharField(max_length=63, unique=True)),
                ('document', models.JSONField()),
                ('made_at', models.DateTimeField()),
                ('retired_at', models.DateTimeField(null=True)),
                ('version', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='table', to='opendata.datasetversion')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('retired_at__isnull', False)), fields=['retired_at'], name='published_table_retired')],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
