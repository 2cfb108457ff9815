from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('omni', '0016_list_plans')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ListMappingRecord',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=26)),
                ('name', fields.CharField(unique=True, max_length=100)),
                ('mapping', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('region', fields.CharField(max_length=2)),
                ('mode', fields.CharField(max_length=8)),
                ('saved_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'list_mapping', 'app': 'omni', 'pk_attr': 'id', 'table_description': "A mapping of a list's columns, kept by name."},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='ListImportRecord',
            name='mode',
            field=fields.CharField(default='append', db_default='append', max_length=8),
        ),
    ]
