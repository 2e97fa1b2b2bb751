from django.db import migrations

#: ``granted``: the rows go to applicants alone, for the dataset is so now or the version was made so
FORWARD = """
create or replace view opened.published as
select d.id as dataset, v.number as version, t.relation, t.document::text as document, v.rows, v.facts ->> 'title' as title,
    (t.version_id = d.current_id) as newest, (d.state = 'open') as open,
    (d.conditional or coalesce(v.facts ->> 'openness', '') = 'conditional') as granted
from opendata_publishedtable t
join opendata_datasetversion v on v.id = t.version_id
join opendata_dataset d on d.id = v.dataset_id
where d.published_at is not null
"""
BACKWARD = """
drop view opened.published;
create view opened.published as
select d.id as dataset, v.number as version, t.relation, t.document::text as document, v.rows, v.facts ->> 'title' as title,
    (t.version_id = d.current_id) as newest, (d.state = 'open') as open
from opendata_publishedtable t
join opendata_datasetversion v on v.id = t.version_id
join opendata_dataset d on d.id = v.dataset_id
where d.published_at is not null
"""


class Migration(migrations.Migration):
    dependencies = [("opendata", "0003_conditional_opening")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
