from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('omni', '0009_callers')]

    initial = False

    operations = [
        ops.CreateModel(
            name='RemovedDoNotCallRecord',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=26)),
                ('number', fields.CharField(max_length=20)),
                ('campaign_id', fields.CharField(max_length=26)),
                ('reason', fields.TextField(unique=False)),
                ('added_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('added_by', fields.CharField(max_length=26)),
                ('removed_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('removed_by', fields.CharField(max_length=26)),
                ('removed_reason', fields.TextField(unique=False)),
            ],
            options={'table': 'do_not_call_removed', 'app': 'omni', 'pk_attr': 'id', 'table_description': 'An entry that was taken off the do-not-call list.'},
            bases=['Model'],
        ),
        # Promises are few among contacts, and asked for as a whole.
        ops.RunSQL(
            'CREATE INDEX contact_callback ON contact (callback_at) WHERE callback_at IS NOT NULL',
            'DROP INDEX contact_callback',
        ),
    ]
