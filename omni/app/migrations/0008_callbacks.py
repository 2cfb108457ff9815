from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('omni', '0007_incomplete_recordings')]

    initial = False

    operations = [
        ops.AddField(
            model_name='ContactRecord',
            name='callback_agent',
            field=fields.CharField(default='', db_default='', max_length=26),
        ),
        ops.AddField(
            model_name='ContactRecord',
            name='callback_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='ContactRecord',
            name='callback_attempt',
            field=fields.CharField(default='', db_default='', max_length=26),
        ),
        ops.AddField(
            model_name='ContactRecord',
            name='callback_note',
            field=fields.TextField(default='', db_default='', unique=False),
        ),
    ]
