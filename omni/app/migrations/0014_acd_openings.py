from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('omni', '0013_trunk_order')]

    initial = False

    operations = [
        ops.CreateModel(
            name='OpeningsRecord',
            fields=[
                ('id', fields.SmallIntField(generated=False, primary_key=True, unique=True, db_index=True)),
                ('document', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
            ],
            options={'table': 'acd_openings', 'app': 'omni', 'pk_attr': 'id', 'table_description': 'Which groups opened, closed or help by themselves: one row.'},
            bases=['Model'],
        ),
    ]
