from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('omni', '0017_list_modes')]

    initial = False

    operations = [
        ops.AddField(
            model_name='AttemptRecord',
            name='truth',
            field=fields.CharField(default='', db_default='', max_length=8),
        ),
        ops.AddField(
            model_name='AttemptRecord',
            name='verdict',
            field=fields.CharField(default='', db_default='', max_length=8),
        ),
    ]
