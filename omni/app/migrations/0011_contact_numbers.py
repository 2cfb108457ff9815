from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('omni', '0010_do_not_call_removed')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ContactNumberRecord',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('campaign_id', fields.CharField(max_length=26)),
                ('number', fields.CharField(max_length=20)),
                ('contact_id', fields.CharField(db_index=True, max_length=26)),
                ('place', fields.SmallIntField()),
                ('kind', fields.CharField(max_length=8)),
                ('attempts', fields.IntField(default=0, db_default=0)),
                ('finished', fields.CharField(default='', db_default='', max_length=16)),
            ],
            options={'table': 'contact_number', 'app': 'omni', 'unique_together': (('campaign_id', 'number'),), 'pk_attr': 'id', 'table_description': 'A number of a contact; a campaign has each number once. `place`: where the list has it.'},
            bases=['Model'],
        ),
        ops.RunSQL(
            "INSERT INTO contact_number (campaign_id, number, contact_id, place, kind, attempts) "
            "SELECT campaign_id, number, id, 0, 'other', attempts FROM contact"
        ),
        ops.AddField(
            model_name='AttemptRecord',
            name='kind',
            field=fields.CharField(default='other', db_default='other', max_length=8),
        ),
        ops.RemoveConstraint(
            model_name='ContactRecord',
            name=None,
            fields=['campaign_id', 'number'],
        ),
        ops.AddField(
            model_name='ContactRecord',
            name='fresh_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='ListImportRecord',
            name='incomplete',
            field=fields.IntField(default=0, db_default=0),
        ),
    ]
