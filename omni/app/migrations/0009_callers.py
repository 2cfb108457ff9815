from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('omni', '0008_callbacks')]

    initial = False

    operations = [
        ops.CreateModel(
            name='CallerRecord',
            fields=[
                ('pattern', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=320)),
                ('listing', fields.CharField(max_length=8)),
                ('priority', fields.SmallIntField(default=0)),
                ('queue_id', fields.CharField(null=True, max_length=26)),
                ('note', fields.CharField(default='', max_length=200)),
            ],
            options={'table': 'acd_caller', 'app': 'omni', 'pk_attr': 'pattern', 'table_description': 'An entry of the black list or the VIP list.'},
            bases=['Model'],
        ),
    ]
