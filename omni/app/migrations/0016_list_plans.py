from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('omni', '0015_chat_topics')]

    initial = False

    operations = [
        ops.CreateModel(
            name='QuotaResultRecord',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('campaign_id', fields.CharField(max_length=26)),
                ('quota', fields.CharField(max_length=32)),
                ('contact_id', fields.CharField(max_length=26)),
            ],
            options={'table': 'quota_result', 'app': 'omni', 'unique_together': (('campaign_id', 'quota', 'contact_id'),), 'pk_attr': 'id', 'table_description': 'A contact that counts for a quota. `quota`: digest of its key.'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='ContactRecord',
            name='lane',
            field=fields.CharField(default='', db_default='', max_length=26),
        ),
        ops.AddField(
            model_name='ContactRecord',
            name='place',
            field=fields.TextField(default='', db_default='', unique=False),
        ),
        ops.AddField(
            model_name='ContactRecord',
            name='stop',
            field=fields.SmallIntField(default=0, db_default=0),
        ),
        # 7 waits for its time; what is ready has its place in the list.
        ops.RunSQL("UPDATE contact SET rank = 7 WHERE rank = 5 AND next_at > '1970-01-01Z'"),
        ops.RunSQL("UPDATE contact SET place = '0' || id WHERE rank = 5"),
        ops.AddIndex(
            model_name='ContactRecord',
            index=Index(fields=['campaign_id', 'state', 'rank', 'stop', 'lane', 'zone_key', 'place']),
        ),
    ]
