from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('omni', '0021_mail_answers')]

    initial = False

    operations = [
        ops.AddField(
            model_name='AttemptRecord',
            name='on_machine',
            field=fields.CharField(default='', db_default='', max_length=8),
        ),
    ]
