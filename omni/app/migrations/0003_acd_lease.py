from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('omni', '0002_email')]

    initial = False

    operations = [
        ops.CreateModel(
            name='LeaseRecord',
            fields=[
                ('id', fields.SmallIntField(generated=False, primary_key=True, unique=True, db_index=True)),
                ('fence', fields.BigIntField()),
                ('expires_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'acd_lease', 'app': 'omni', 'pk_attr': 'id', 'table_description': 'Who owns the routing of the site: one row. `fence` grows with every new owner.'},
            bases=['Model'],
        ),
    ]
