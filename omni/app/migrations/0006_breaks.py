from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('omni', '0005_sealed_passwords')]

    initial = False

    operations = [
        ops.AddField(
            model_name='CodeRecord',
            name='at_once',
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name='CodeRecord',
            name='limit_s',
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name='CodeRecord',
            name='needs_approval',
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name='PresenceRecord',
            name='requested',
            field=fields.CharField(default='', db_default='', max_length=40),
        ),
    ]
