"""Notices are an app of their own; what was told goes with them."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('sharing', '0002_immutable_grants'),
        ('notices', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(
            'insert into notices_notice (account_id, at, text, address, read_at) '
            'select account_id, at, to_jsonb(text), address, read_at from sharing_notice order by id',
            migrations.RunSQL.noop,
        ),
        migrations.DeleteModel(
            name='Notice',
        ),
    ]
