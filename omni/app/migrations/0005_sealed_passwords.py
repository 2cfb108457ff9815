from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('omni', '0004_calling_rules')]

    initial = False

    operations = [
        ops.AlterField(
            model_name='TrunkRow',
            name='secret',
            field=fields.TextField(default='', unique=False),
        ),
    ]
