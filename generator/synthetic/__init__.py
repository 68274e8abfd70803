from generator.synthetic.synthesize import synthesize as synthesize
