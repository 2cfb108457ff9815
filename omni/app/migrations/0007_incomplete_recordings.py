from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('omni', '0006_breaks')]

    initial = False

    operations = [
        ops.AddField(
            model_name='RecordingRow',
            name='incomplete',
            field=fields.BooleanField(default=False, db_default=False),
        ),
    ]
