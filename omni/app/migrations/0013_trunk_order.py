from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('omni', '0012_overflow')]

    initial = False

    operations = [
        ops.AddField(
            model_name='TrunkRow',
            name='cost',
            field=fields.IntField(default=100, db_default=100),
        ),
        ops.AddField(
            model_name='TrunkRow',
            name='pools',
            field=fields.JSONField(default=list, db_default='[]', encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads),
        ),
    ]
